"""The harness of `make bench`, not what it measures: no test here looks at how long anything took."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bench import figures, load, pacing
from bench.__main__ import QUESTIONS
from bench.processes import ChildFailedError, Meter, call, peak_mb
from bench.servers import Stub
from tests.databases import find_postgres

ROOT = Path(__file__).parent.parent


@pytest.fixture
def stub():
    started = Stub()
    yield started
    started.close()


def text_to(stub):
    return load.post(stub.port, "/2010-04-01/Accounts/AC1/Messages.json", b"To=%2B44&Body=Hi", "text/plain")


# Figures


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [
        (figures.at_least(0.8), 0.8, True),
        (figures.at_least(0.8), 0.7999, False),
        (figures.at_most(1.25), 1.25, True),
        (figures.at_most(1.25), 1.2501, False),
    ],
)
def test_a_target_is_met_by_the_figure_itself_and_not_by_the_rounded_one(target, value, met):
    assert figures.Figure("a", value, "ms", target).met is met


def test_a_ratio_pairs_the_rounds_and_keeps_their_spread():
    found = figures.ratio("a", [1.0, 9.0, 2.0], [2.0, 3.0, 2.0])

    assert (found.value, found.lowest, found.highest) == (1.0, 0.5, 3.0)


def test_the_table_marks_what_was_missed():
    table = figures.table([figures.Figure("a", 2.0, "ms", figures.at_most(1)), figures.Figure("b", 1234.5, "/s")])

    assert "MISSED" in table.splitlines()[1]
    assert "1,234" in table.splitlines()[2]


def test_the_file_is_a_list_of_figures_and_says_when_the_run_was_scaled(tmp_path):
    found = [figures.Figure("a", 2.0, "ms", figures.at_most(1))]

    figures.save(found, tmp_path / "whole.json", scale=1.0, seed=7)
    figures.save(found, tmp_path / "part.json", scale=0.1, seed=7)

    (whole,), (part,) = (json.loads((tmp_path / name).read_text()) for name in ("whole.json", "part.json"))
    assert whole == {
        "name": "a", "value": 2.0, "unit": "ms", "target": "<= 1", "met": False, "lowest": None, "highest": None,
        "seed": 7,
    }  # fmt: skip
    assert part == whole | {"scale": 0.1}


# Processes


def doubled(order):
    return {"twice": order["number"] * 2}


def failing(order):
    raise SystemExit(3)


def test_a_function_runs_in_a_process_of_its_own_and_its_memory_is_told():
    answer = call("tests.test_bench:doubled", {"number": 21})

    assert answer["twice"] == 42
    assert answer["peak_mb"] > 1


def test_a_child_that_fails_is_an_error_here():
    with pytest.raises(ChildFailedError):
        call("tests.test_bench:failing", {})


def test_a_meter_counts_our_own_time_and_that_of_others():
    meter = Meter({"us": os.getpid()})

    sum(range(2_000_000))

    used = meter.used()
    assert used.own > 0
    assert used.total >= used.own
    assert peak_mb() > 1


# The stub provider


def test_the_stub_answers_every_request_counts_it_and_keeps_when_it_came(stub):
    fired = load.fire(stub.port, [text_to(stub)], connections=3, times=20)

    assert fired["good"] == stub.count() == 20
    assert [length for _, length in stub.arrivals()] == [16] * 20
    assert stub.last() == text_to(stub)
    stub.reset()
    assert stub.count() == 0


def test_the_stub_answers_a_call_of_sendgrid_and_closes_the_connection(stub):
    call_ = load.post(stub.port, "/v3/mail/send", b" " * 300_000, "application/json", Connection="close")

    assert load.fire(stub.port, [call_], connections=2, times=5)["good"] == stub.count() == 5


def test_the_stub_waits_before_it_answers(stub):
    stub.reset(latency=0.2)

    assert load.fire(stub.port, [text_to(stub)], connections=1)["seconds"] >= 0.2


# Questions


def test_the_worst_second_and_the_mean_are_read_from_the_arrivals():
    arrivals = [(10 + index * 0.2, 2) for index in range(11)]

    assert pacing.seen([(3.0, 1), *arrivals, (99.0, 1)], 10, 20) == {"mean": pytest.approx(10), "worst": 10.0}


def test_every_question_says_what_it_measures_and_is_documented():
    documented = (ROOT / "docs" / "measurements.md").read_text()

    for name, question in QUESTIONS.items():
        assert question.__doc__
        assert f"`{name}`" in documented


@pytest.mark.journey
@pytest.mark.skipif(find_postgres() is None, reason="no PostgreSQL here")
def test_a_small_run_measures_texts_beside_the_bare_loop_and_writes_the_figures():
    command = [sys.executable, "-m", "bench", "cpu_per_text", "--scale", "0.01", "--rounds", "1", "--seed", "1"]

    with tempfile.TemporaryDirectory(prefix="peoplelink-bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as somebody else when we are root
        run = subprocess.run(
            [*command, "--folder", folder], cwd=ROOT, capture_output=True, text=True, check=False, timeout=110
        )
        assert run.returncode == 0, run.stderr
        found = json.loads(Path(run.stdout.splitlines()[-1]).read_text())

    assert {figure["name"] for figure in found} >= {"cpu_per_text", "cpu_per_text_bare"}
    assert all(figure["value"] >= 0 and figure["scale"] == 0.01 for figure in found)
