import dataclasses
import datetime as dt

import pytest

from peoplelink.subscribers import robots

KEYS = ("k" * 40, "o" * 40)


def test_a_mark_is_read_under_any_of_our_keys_and_no_other(now):
    marks = robots.FormMarks(KEYS)
    older = dataclasses.replace(marks, secret_keys=KEYS[1:])
    strange = dataclasses.replace(marks, secret_keys=("x" * 40,))

    assert marks.read(older.make(7, now=now)) == robots.Opening(int(now.timestamp()), 7)
    assert marks.read(strange.make(7, now=now)) is None


@pytest.mark.parametrize(
    ("seconds", "bait", "expected"),
    [(0, "", True), (1, "", True), (2, "", False), (90_000, "", False), (60, "x", True)],
)
def test_a_script_is_told_by_its_speed_and_by_the_box_that_people_do_not_see(now, seconds, bait, expected):
    opening = robots.Opening(int(now.timestamp()), 1)

    assert robots.looks_like_one(opening, bait, now=now + dt.timedelta(seconds=seconds)) is expected


def test_a_form_without_our_mark_is_a_script_s(now):
    assert robots.looks_like_one(None, "", now=now)
