"""The longest names of an audience, on both databases."""

import pytest

from peoplelink.broadcasts.audience import Rule
from peoplelink.broadcasts.names import Longest, longest
from peoplelink.subscribers.models import LinkStatus
from tests.factories import add_noise, make_subscriber, make_suppression, make_topic, make_zone


@pytest.fixture
def zone(session):
    add_noise(session)
    return make_zone(session)


def test_an_audience_without_names_has_none(session, zone):
    make_subscriber(session, zones=[zone])

    assert longest(session, Rule((zone.id,))) == Longest(0, 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jo", Longest(2, 0)),
        ("Zo\u00e9 d'Arc-M\u00fcller", Longest(16, 0)),
        ("O\u2019Neill", Longest(0, 7)),
        ("Zo\u00eb", Longest(0, 3)),
        ("O`Neill", Longest(0, 7)),
        ("A [twin]", Longest(0, 8)),
        ("\u0627\u062d\u0645\u062f", Longest(0, 4)),
        ("?*-]^\\", Longest(0, 6)),
        ("?*-", Longest(3, 0)),
    ],
)
def test_names_are_told_apart_by_the_alphabet_of_texts(session, zone, name, expected):
    make_subscriber(session, zones=[zone], name=name)

    assert longest(session, Rule((zone.id,))) == expected


def test_the_longest_of_each_kind_counts(session, zone):
    for name in ("Jo", "Alexandra", "\u0141uk", "Stanis\u0142awa", None):
        make_subscriber(session, zones=[zone], name=name)

    assert longest(session, Rule((zone.id,))) == Longest(9, 10)


def test_only_residents_who_could_be_texted_count(session, zone):
    make_subscriber(session, zones=[zone], name="Jo")
    make_subscriber(session, zones=[make_zone(session)], name="Of another zone")
    make_subscriber(session, zones=[zone], name="By email only", email=True)
    left = make_subscriber(session, zones=[zone], name="Has left us")
    left.addresses[0].status = LinkStatus.STOPPED
    make_suppression(session, make_subscriber(session, zones=[zone], name="Has bounced").addresses[0].address)
    session.flush()

    assert longest(session, Rule((zone.id,))) == Longest(2, 0)


def test_topics_narrow_it_as_they_narrow_the_audience(session, zone):
    wanted, other = make_topic(session), make_topic(session)
    make_subscriber(session, zones=[zone], topics=[wanted], name="Jo")
    make_subscriber(session, zones=[zone], name="Everything")
    make_subscriber(session, zones=[zone], topics=[other], name="Of another topic")

    assert longest(session, Rule((zone.id,), (wanted.id,))) == Longest(len("Everything"), 0)


def test_nobody_is_greeted_without_a_zone(session, zone):
    make_subscriber(session, zones=[zone], name="Jo")

    assert longest(session, Rule(())) == Longest(0, 0)
