"""Days and times as officers type them, also in the two nights when the clocks change."""

import datetime as dt

import pytest

from peoplelink.broadcasts import moments
from peoplelink.broadcasts.moments import ComesTwiceError, NoDayError, NoTimeError


@pytest.mark.parametrize(
    ("day", "time", "which", "utc"),
    [
        ("2026-12-01", "14:00", "", "2026-12-01T14:00"),
        ("1/7/2026", "2pm", "", "2026-07-01T13:00"),
        ("1 July 2026", "2.30 PM", "", "2026-07-01T13:30"),
        ("2026-07-01", "12am", "", "2026-06-30T23:00"),
        ("2026-10-25", "01:30", "first", "2026-10-25T00:30"),
        ("2026-10-25", "01:30", "second", "2026-10-25T01:30"),
        ("2026-10-25", "02:00", "", "2026-10-25T02:00"),
        ("2026-03-29", "02:00", "", "2026-03-29T01:00"),
    ],
)
def test_a_moment_is_the_one_on_a_clock_in_london(day, time, which, utc):
    moment = moments.read(day, time, which)

    assert moment == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert moments.read(*moments.typed(moment)) == moment


@pytest.mark.parametrize(
    ("day", "time", "error"),
    [
        ("2026-03-29", "01:30", NoTimeError),
        ("2026-10-25", "01:30", ComesTwiceError),
        ("2026-02-30", "14:00", NoDayError),
        ("", "14:00", NoDayError),
        ("soon", "14:00", NoDayError),
        ("2026-12-01", "", NoTimeError),
        ("2026-12-01", "25:00", NoTimeError),
        ("2026-12-01", "13pm", NoTimeError),
        ("2026-12-01", "\N{ARABIC-INDIC DIGIT ONE}4:00x", NoTimeError),
    ],
)
def test_what_is_no_moment_is_answered_with_what_to_do(day, time, error):
    with pytest.raises(error):
        moments.read(day, time)


def test_nothing_typed_is_no_moment():
    assert (moments.read(" ", ""), moments.typed(None)) == (None, ("", "", ""))
