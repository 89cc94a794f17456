"""The waiting list: asked with the limits of a sign-up, told once when a zone opens, forgotten after a year."""

import datetime as dt

import pytest
from sqlalchemy import select

from peoplelink import quiet_hours
from peoplelink.errors import InvalidInputError, NotFoundError
from peoplelink.outbound import services as outbound
from peoplelink.outbound.models import Delivery, Dispatch
from peoplelink.outbound.states import Purpose, SuppressionReason, Urgency
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers import areas, consent, limits, services, signup, waiting
from peoplelink.subscribers.area_models import Waiting
from peoplelink.subscribers.areas import Listed
from tests.subscribers import people
from tests.subscribers.people import EMAIL, LINKS, MOBILE

DAY = dt.timedelta(days=1)


def ask(session, now, *, sector="LE4 5", **where):
    request = waiting.WaitRequest(sector=sector, wording=consent.wording(session, "waiting-form"), **where)
    waiting.ask(session, request, links=LINKS, address_key=people.ADDRESS_KEY, now=now)


def rows(session):
    return session.scalars(select(Waiting).order_by(Waiting.id)).all()


def waits(session, now, value=MOBILE, sector="LE4 5"):
    """Somebody on the list, since an hour ago."""
    then = now - dt.timedelta(hours=1)
    ask(session, then, sector=sector, **{"email" if "@" in value else "mobile": value})
    waiting.confirm(session, rows(session)[-1], how="link", now=then)
    return rows(session)[-1]


def opens(session, now, *, sectors=("LE4 5",)):
    """Coalville gets these sectors, as if an officer had said so now."""
    zone = people.zone(session, "coalville")
    areas.set_list(session, zone, Listed(sectors=tuple(sectors)))
    zone.area_set_at = now
    session.flush()
    return zone


def tell(session, zone, now, *, quiet=quiet_hours.NONE):
    return waiting.tell(session, zone, actor="officer:1", quiet=quiet, links=LINKS, now=now)


def news(session):
    found = session.scalars(select(Dispatch).where(Dispatch.purpose == Purpose.ZONE_OPENED)).all()
    return [
        (dispatch, session.scalars(select(Delivery).where(Delivery.dispatch_id == dispatch.id)).all())
        for dispatch in found
    ]


def test_each_address_is_asked_to_confirm_for_itself(planted, now):
    ask(planted, now, mobile=MOBILE, email=EMAIL)

    assert [(row.sector, row.confirmed_at, row.expires_at - now) for row in rows(planted)] == [
        ("LE4 5", None, 14 * DAY),
        ("LE4 5", None, 14 * DAY),
    ]
    [(purpose, _, text)] = people.sent_to(planted, people.address(planted, now))
    assert (purpose, "Reply YES and we will text you once" in text) == (Purpose.CONFIRMATION, True)
    [(purpose, _, mail)] = people.sent_to(planted, people.address(planted, now, EMAIL))
    assert (purpose, "https://link.example.org/wait/" in mail) == (Purpose.CONFIRMATION, True)


def test_nobody_is_asked_without_an_address(planted, now):
    with pytest.raises(InvalidInputError, match="Enter a mobile number or an email address"):
        ask(planted, now)


def test_a_number_is_asked_three_times_a_day_at_most_sign_ups_included(planted, now):
    people.sign_up(planted, now)
    for sector in ("LE4 1", "LE4 2", "LE4 3"):
        ask(planted, now, sector=sector, mobile=MOBILE)

    assert len(people.sent_to(planted, people.address(planted, now))) == limits.CONFIRMATIONS_A_DAY
    assert [row.sector for row in rows(planted)] == ["LE4 1", "LE4 2"]


def test_a_second_press_of_the_button_asks_nothing_new(planted, now):
    ask(planted, now, mobile=MOBILE)
    ask(planted, now + dt.timedelta(seconds=5), mobile=MOBILE)

    assert len(people.sent_to(planted, people.address(planted, now))) == 1


def test_a_number_that_said_stop_is_sent_nothing(planted, now):
    where = people.address(planted, now)
    outbound.suppress(planted, where, SuppressionReason.STOP, source="text", now=now)

    ask(planted, now, mobile=MOBILE)

    assert people.sent_to(planted, where) == []


def test_the_day_s_cap_of_texts_counts_both_forms(planted, now, monkeypatch):
    ask(planted, now, mobile=MOBILE)
    monkeypatch.setattr(limits, "WEB_TEXTS_A_DAY", 1)

    with pytest.raises(signup.TooManyTodayError):
        ask(planted, now, mobile="+447700900124")
    with pytest.raises(signup.TooManyTodayError):
        people.sign_up(planted, now, mobile="+447700900124")
    ask(planted, now, email=EMAIL)


def test_who_left_by_a_link_once_and_confirms_now_will_get_the_news(planted, now):
    where = people.address(planted, now, EMAIL)
    outbound.suppress(planted, where, SuppressionReason.UNSUBSCRIBED, source="link", now=now - DAY)

    waits(planted, now, EMAIL)

    assert outbound.suppressions_of(planted, where) == frozenset()


def test_a_link_names_who_waits_until_it_runs_out(planted, now):
    ask(planted, now, email=EMAIL)
    [row] = rows(planted)

    assert waiting.of_link(planted, row.public_id, now=now + 13 * DAY) is row
    with pytest.raises(NotFoundError):
        waiting.of_link(planted, row.public_id, now=now + 14 * DAY)


def test_all_who_wait_in_a_zone_that_opens_are_told_once_and_forgotten(planted, now):
    for value in (MOBILE, "+447700900124", EMAIL):
        waits(planted, now, value)
    waits(planted, now, "+447700900125", sector="LE4 9")
    ask(planted, now, mobile="+447700900126")  # never confirmed
    zone = opens(planted, now)

    assert waiting.count_for(planted, zone, now=now) == 3
    assert tell(planted, zone, now) == 3

    [(dispatch, deliveries)] = news(planted)
    assert (dispatch.urgency, dispatch.released_at) == (Urgency.BULK, now)
    assert sorted(delivery.address_id for delivery in deliveries) == sorted(
        people.address(planted, now, value).id for value in (MOBILE, "+447700900124", EMAIL)
    )
    assert [row.sector for row in rows(planted)] == ["LE4 9", "LE4 5"]
    assert tell(planted, zone, now) == 0
    assert len(news(planted)) == 1


def test_the_news_says_how_to_join_and_joins_nobody(planted, now):
    waits(planted, now)
    waits(planted, now, EMAIL)

    tell(planted, opens(planted, now), now)

    text = people.sent_to(planted, people.address(planted, now))[-1][2]
    assert "reply JOIN COALVILLE, or see https://link.example.org/join?zone=coalville" in text
    assert "STOP" in text
    mail = people.sent_to(planted, people.address(planted, now, EMAIL))[-1][2]
    assert "https://link.example.org/join?zone=coalville" in mail
    assert services.subscribers_at(planted, people.address(planted, now)) == []


def test_who_waits_in_two_sectors_of_a_zone_is_told_once(planted, now):
    for sector in ("LE4 5", "LE4 6"):
        waits(planted, now, sector=sector)

    assert tell(planted, opens(planted, now, sectors=("LE4 5", "LE4 6")), now) == 1
    assert rows(planted) == []


def test_the_news_keeps_to_quiet_hours(planted, now):
    waits(planted, now)

    tell(planted, opens(planted, now), now, quiet=Hours(21 * 60, 8 * 60))

    [(_, [delivery])] = news(planted)
    assert (delivery.quiet_from, delivery.quiet_until) == (21 * 60, 8 * 60)


def test_who_has_joined_the_zone_meanwhile_is_forgotten_untold(planted, now):
    waits(planted, now)
    people.resident(planted, now, zones=("coalville",))

    assert tell(planted, opens(planted, now), now) == 0
    assert rows(planted) == []


def test_who_asked_after_the_zone_was_opened_is_not_meant(planted, now):
    zone = opens(planted, now - DAY)
    waits(planted, now)

    assert waiting.count_for(planted, zone, now=now) == 0
    assert tell(planted, zone, now) == 0
    assert len(rows(planted)) == 1


def test_nobody_is_told_of_a_zone_that_stands_in_or_is_closed(planted, now):
    waits(planted, now, sector="LE67 3")
    waits(planted, now, "+447700900124")
    standing_in = people.zone(planted, "coalville")
    assert waiting.count_for(planted, standing_in, now=now) == 0

    closed = opens(planted, now)
    closed.active = False

    assert tell(planted, closed, now) == 0
    assert len(rows(planted)) == 2


def test_who_said_stop_after_asking_is_not_told(planted, now):
    waits(planted, now)
    services.stop_address(
        planted, people.address(planted, now), reason=SuppressionReason.STOP, how="STOP", source="text",
        evidence={}, now=now,
    )  # fmt: skip

    assert rows(planted) == []
    assert tell(planted, opens(planted, now), now) == 0
