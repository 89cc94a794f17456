"""Zones added and changed by officers: words with one meaning only, and an area made of lists and a boundary."""

import pytest
from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.errors import InvalidInputError
from peoplelink.subscribers import areas, boundaries, keywords, zone_editing
from peoplelink.subscribers.area_models import ZoneBoundary
from peoplelink.subscribers.areas import Listed
from peoplelink.subscribers.models import Keyword
from peoplelink.subscribers.postcodes import Postcode
from peoplelink.subscribers.zone_editing import ZoneDraft, ZoneProblemError
from tests.subscribers import people
from tests.subscribers.handset import Handset
from tests.subscribers.test_boundaries import SQUARE, polygon, read

DRAFT = {"name": "Saffron Lane Estate", "place": "Leicester"}


def add(session, now, **fields):
    return zone_editing.add(session, ZoneDraft(**DRAFT | fields), actor="officer:1", now=now)


def change(session, zone, now, **fields):
    now_fields = {"name": zone.name, "place": zone.place, "active": zone.active, "area": areas.listed(session, zone)}
    now_fields["words"] = tuple(zone_editing.other_words(session, zone))
    zone_editing.change(session, zone, ZoneDraft(**now_fields | fields), actor="officer:1", now=now)


def words_of(session, zone):
    return sorted(session.scalars(select(Keyword.word).where(Keyword.zone_id == zone.id)))


def covers(session, postcode):
    return [zone.slug for zone in areas.covering(session, Postcode(postcode))]


def test_a_zone_is_added_and_joined_by_text_at_once(planted, now):
    zone = add(planted, now, words=("Saffron", "the lane"), area=Listed(("LE2 6",), ("LE2 7AA",)))

    assert (zone.slug, zone.provisional, zone.active) == ("saffron-lane-estate", False, True)
    assert words_of(planted, zone) == ["SAFFRON", "SAFFRONLANE", "SAFFRONLANEESTATE", "THELANE"]
    phone = Handset(planted, now)
    for text in ("join saffron lane estate", "saffron lane", "SAFFRON", "join le2 6aa", "le2 7aa", "the lane"):
        phone.text(text)
        assert "texts about Saffron Lane Estate" in phone.got[0], text
    phone.text("safron lane")
    assert "Did you mean Saffron Lane Estate?" in phone.got[0]


def test_adding_and_changing_stand_in_the_log_of_acts(planted, now):
    zone = add(planted, now)
    change(planted, zone, now, area=Listed(("LE2 6",)))

    events = planted.scalars(select(AuditEvent).where(AuditEvent.subject_kind == "zone").order_by(AuditEvent.id)).all()
    assert [(event.action, event.subject_id, event.actor) for event in events] == [
        ("zone.added", "saffron-lane-estate", "officer:1"),
        ("zone.changed", "saffron-lane-estate", "officer:1"),
    ]


@pytest.mark.parametrize(
    ("fields", "box", "why"),
    [
        ({"words": ("stop",)}, "words", "“STOP” already orders something"),
        ({"words": ("Yes",)}, "words", "“YES” already orders something"),
        ({"words": ("help",)}, "words", "“HELP” already orders something"),
        ({"words": ("Join",)}, "words", "“JOIN” already orders something"),
        ({"words": ("join us",)}, "words", "“JOINUS” already orders something"),
        ({"words": ("STOP it",)}, "words", "“STOPIT” already orders something"),
        ({"words": ("un-stop",)}, "words", "“UNSTOP” already orders something"),
        ({"words": ("topics",)}, "words", "“TOPICS” already orders something"),
        ({"words": ("add",)}, "words", "“ADD” already orders something"),
        ({"words": ("lang",)}, "words", "“LANG” already orders something"),
        ({"words": ("my data",)}, "words", "“MYDATA” already orders something"),
        ({"words": ("Estate",)}, "words", "said in passing"),
        ({"words": ("new parks",)}, "words", "“NEWPARKS” already stands for the zone New Parks"),
        ({"words": ("Whitwick",)}, "words", "“WHITWICK” already stands for the zone Coalville"),
        ({"words": ("youth",)}, "words", "“YOUTH” already stands for the topic Young people"),
        ({"words": ("12345",)}, "words", "is a number or a postcode"),
        ({"words": ("LE3 6AB",)}, "words", "is a number or a postcode"),
        ({"words": ("LE3",)}, "words", "is a number or a postcode"),
        ({"words": ("go",)}, "words", "between 3 and 40"),
        ({"words": ("!!",)}, "words", "between 3 and 40"),
        ({"words": ("x" * 41,)}, "words", "between 3 and 40"),
        ({"name": "New Parks"}, "slug", "There is a zone at “new-parks” already"),
        ({"name": "New Parks", "slug": "other"}, "name", "NEWPARKS, already stands for the zone New Parks"),
        ({"name": "Stop"}, "name", "STOP, already orders something"),
        ({"slug": "New Parks"}, "slug", "small letters, figures and hyphens"),
        ({"slug": "-x-"}, "slug", "small letters, figures and hyphens"),
        ({"name": "\u041f\u0430\u0440\u043a"}, "slug", "small letters, figures and hyphens"),
    ],
)
def test_what_would_have_two_meanings_is_refused_at_its_box(planted, now, fields, box, why):
    with pytest.raises(ZoneProblemError, match=why) as refused:
        add(planted, now, **fields)

    assert refused.value.field == box


def test_a_zone_may_keep_its_own_words(planted, now):
    zone = people.zone(planted)

    change(planted, zone, now)

    assert words_of(planted, zone) == ["NEWPARK", "NEWPARKS"]
    assert not zone.provisional


def test_a_new_name_leaves_the_old_one_s_words_in_use_since_they_stand_on_posters(planted, now):
    zone = people.zone(planted)

    change(planted, zone, now, name="New Parks West")

    assert words_of(planted, zone) == ["NEWPARK", "NEWPARKS", "NEWPARKSWEST"]
    assert keywords.zones_in(planted, "new parks west") == [zone]
    assert zone.slug == "new-parks"


def test_a_word_that_is_taken_off_the_list_stands_for_nothing_any_more(planted, now):
    zone = people.zone(planted)

    change(planted, zone, now, words=())

    assert words_of(planted, zone) == ["NEWPARKS"]


def test_a_boundary_adds_to_the_list_and_goes_without_it(planted, now):
    zone = people.zone(planted, "bell-foundry")
    inside = boundaries.postcodes_in(read(polygon(SQUARE)))[0]

    change(planted, zone, now, boundary=read(polygon(SQUARE)), area=Listed((), ("LE1 1FZ",)))
    assert "bell-foundry" in covers(planted, inside)
    assert covers(planted, "LE1 1FZ") == ["bell-foundry"]
    assert planted.get(ZoneBoundary, zone.id).geojson["type"] == "MultiPolygon"

    change(planted, zone, now, drop_boundary=True)
    assert "bell-foundry" not in covers(planted, inside)
    assert covers(planted, "LE1 1FZ") == ["bell-foundry"]
    assert planted.get(ZoneBoundary, zone.id) is None


def test_a_sector_that_lies_in_a_boundary_in_part_joins_nobody_by_itself(planted, now):
    zone = people.zone(planted, "bell-foundry")
    inside = boundaries.postcodes_in(read(polygon(SQUARE)))
    sector = next(postcode[:-2] for postcode in inside if postcode[:-2] not in people.zone(planted).sectors)

    change(planted, zone, now, boundary=read(polygon(SQUARE)), area=Listed())

    phone = Handset(planted, now)
    phone.text(f"join {sector}")
    assert "Did you mean Bell Foundry?" in phone.got[0]
    assert areas.holding(planted, sector) == []


def test_a_boundary_without_postcodes_is_refused(planted, now):
    # In the Vale of Belvoir's fields, 100 m by 100 m.
    field = [[-0.85, 52.9], [-0.849, 52.9], [-0.849, 52.901], [-0.85, 52.901], [-0.85, 52.9]]

    with pytest.raises(ZoneProblemError, match="No postcode we know lies inside") as refused:
        add(planted, now, boundary=read(polygon(field)))

    assert refused.value.field == "boundary"


def test_a_boundary_is_worked_out_again_with_newer_postcodes(planted, now):
    zone = people.zone(planted, "bell-foundry")
    change(planted, zone, now, boundary=read(polygon(SQUARE)))
    was = areas.count_drawn(planted, zone)
    planted.get(ZoneBoundary, zone.id).edition = "older"
    areas._replace(planted, zone, ["LE3 6AB"], drawn=True)

    assert areas.refresh(planted) == 1
    assert areas.count_drawn(planted, zone) == was
    assert areas.refresh(planted) == 0


@pytest.mark.parametrize(
    ("before", "fields", "sets"),
    [
        ({}, {}, False),
        ({}, {"name": "Other Name"}, False),
        ({}, {"area": Listed(("LE2 6",))}, True),
        ({"active": False}, {"active": True}, True),
        ({}, {"active": False}, False),
    ],
)
def test_a_new_area_or_an_opening_is_news_for_those_who_wait(planted, now, before, fields, sets):
    zone = add(planted, now, **before)
    zone.area_set_at = None

    change(planted, zone, now, **fields)

    assert (zone.area_set_at == now) is sets


@pytest.mark.parametrize(
    ("typed", "sectors", "postcodes"),
    [
        ("", (), ()),
        ("LE3 6\nle3 6ab", ("LE3 6",), ("LE3 6AB",)),
        ("LE3 6, LE3 9; LE36AB\r\n\r\nLE3 6", ("LE3 6", "LE3 9"), ("LE3 6AB",)),
    ],
)
def test_a_list_is_read_however_it_is_parted(typed, sectors, postcodes):
    assert areas.read_list(typed) == Listed(sectors, postcodes)


@pytest.mark.parametrize(
    ("typed", "why"),
    [("LE3", "“LE3” is no postcode"), ("LE3 6\nparks", "“parks”"), ("LE3 6\n" * 2001, "at most 2,000")],
)
def test_what_is_no_list_of_postcodes_is_named(typed, why):
    with pytest.raises(InvalidInputError, match=why):
        areas.read_list(typed)


def test_postcodes_that_nobody_knows_are_pointed_out():
    assert areas.unknown(Listed(("LE3 6", "LE99 9"), ("LE3 6AB", "LE3 6ZZ"))) == ["LE99 9", "LE3 6ZZ"]
