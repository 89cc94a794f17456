"""Workers that are killed at an import: processes of their own, ended by SIGKILL in the middle of what they do."""

import dataclasses
import multiprocessing
import time

from peoplelink.app import make_runtime
from peoplelink.jobs import RecordedJobs
from peoplelink.subscribers.imports import tasks

_PATIENCE = 60.0


def work(config):
    """What the process does: jobs of imports, until there is no more to do."""
    parts = dataclasses.replace(make_runtime(config), jobs=RecordedJobs())
    while True:
        parts.jobs.rung.clear()
        tasks.work(parts)
        if not parts.jobs.rung:
            return


def work_until(config, enough):
    """Let a worker work until `enough()` says so, and kill it at once; how it ended: -9, or 0 if done first."""
    worker = multiprocessing.get_context("spawn").Process(target=work, args=(config,))
    worker.start()
    until = time.monotonic() + _PATIENCE
    while worker.is_alive() and not enough():
        assert time.monotonic() < until
        time.sleep(0.005)
    worker.kill()
    worker.join()
    return worker.exitcode
