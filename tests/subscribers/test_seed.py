import pytest
from sqlalchemy import func, select

from peoplelink.errors import NotFoundError
from peoplelink.languages import LANGUAGES
from peoplelink.subscribers import consent, seed, zones
from peoplelink.subscribers.models import ConsentWording, Keyword, Topic, Zone


def _counts(session):
    return [session.scalar(select(func.count()).select_from(table)) for table in (Zone, Topic, Keyword, ConsentWording)]


def test_the_zones_of_the_mission_are_planted_and_marked_as_provisional(session, now):
    seed.plant(session, now=now)

    planted = {zone.name: (zone.place, zone.sectors) for zone in zones.active(session) if zone.provisional}
    assert planted == {
        "Bell Foundry": ("Loughborough", ["LE11 1"]),
        "Coalville": ("Coalville", ["LE67 3", "LE67 4", "LE67 5", "LE67 8"]),
        "New Parks": ("Leicester", ["LE3 6", "LE3 9"]),
    }
    assert [topic.name for topic in zones.topics(session)] == [
        "Events and activities",
        "Young people",
        "Health and wellbeing",
        "Community safety",
        "Volunteering and offers of help",
        "Have your say",
    ]


def test_planting_twice_changes_nothing(session, now):
    seed.plant(session, now=now)
    before = _counts(session)

    seed.plant(session, now=now)

    assert _counts(session) == before
    assert before == [3, 6, before[2], 5 * len(LANGUAGES)]


def test_planting_again_leaves_what_an_officer_changed(session, now):
    seed.plant(session, now=now)
    zone = session.scalars(select(Zone).where(Zone.slug == "new-parks")).one()
    zone.name, zone.provisional, zone.active = "New Parks and Beaumont", False, False
    session.delete(session.scalars(select(Keyword).where(Keyword.word == "WHITWICK")).one())
    session.flush()

    seed.plant(session, now=now)

    assert (zone.name, zone.provisional, zone.active) == ("New Parks and Beaumont", False, False)
    assert session.scalar(select(Keyword).where(Keyword.word == "WHITWICK")) is None


def test_the_wordings_say_who_what_how_often_and_how_to_stop(session, now):
    seed.plant(session, now=now)

    for code in ("web-form", "text"):
        words = consent.wording(session, code).words
        for part in ("Commissioner's office, not", "the police", "about 1 a week", "STOP", "ny time"):
            assert part in words
        assert "rivacy" in words


def test_without_the_data_to_start_with_a_wording_is_said_to_be_missing(session):
    with pytest.raises(NotFoundError, match="web-form"):
        consent.wording(session, "web-form")
