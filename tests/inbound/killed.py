"""A worker in a process of its own that dies in the middle of reading, as one does that runs out of memory."""

import dataclasses
import multiprocessing
import os

from peoplelink.app import make_runtime
from peoplelink.config import Config
from peoplelink.inbound import tasks
from peoplelink.jobs import RecordedJobs

DIED = 7


class Deadly:
    """A channel that takes its process with it when it reads certain words."""

    def __init__(self, channel, words):
        self._channel, self._words = channel, words.encode()

    def __getattr__(self, name):
        return getattr(self._channel, name)

    def parse_inbound(self, request):
        if self._words in request.body:
            os._exit(DIED)
        return self._channel.parse_inbound(request)


def read(config: Config, words: str) -> None:
    """What the process does: one job of a worker."""
    parts = make_runtime(config)
    deadly = {name: Deadly(getattr(parts, name), words) for name in ("twilio", "sendgrid")}
    tasks.process_webhooks(dataclasses.replace(parts, jobs=RecordedJobs(), **deadly))


def workers(config: Config, words: str, *, number: int = 1) -> list[int | None]:
    """Let so many workers read at once; how each process ended: 0, or DIED."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=read, args=(config, words)) for _ in range(number)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]
