import pytest

from peoplelink import quiet_hours
from peoplelink.config import Config, ConfigError
from peoplelink.quiet_hours import NONE, Hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("21:00-08:00", Hours(1260, 480)),
        (" 9.30 to 17:00 ", Hours(570, 1020)),
        ("off", NONE),
        ("OFF", NONE),
        ("", None),
        ("21-8", None),
        ("25:00-08:00", None),
        ("21:00-08:60", None),
        ("08:00-08:00", None),
    ],
)
def test_hours_are_read_as_people_write_them(text, hours):
    assert quiet_hours.parse(text) == hours


def test_hours_last_past_midnight_and_off_is_no_minute():
    assert [(hours.any, hours.minutes) for hours in (Hours(1260, 480), NONE)] == [(True, 660), (False, 0)]
    assert quiet_hours.clock_time(485) == "08:05"


def test_hours_that_cannot_be_read_are_named_among_the_settings():
    with pytest.raises(ConfigError) as caught:
        Config.from_env({"PEOPLELINK_QUIET_HOURS": "night"})

    assert "PEOPLELINK_QUIET_HOURS must be two times, like 21:00-08:00, or off." in caught.value.problems
