"""Digests: what is in them, that they are made once, and that nothing is lost between them."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink import quiet_hours
from peoplelink.broadcasts import digests
from peoplelink.broadcasts.models import BroadcastStatus, DigestIssue, DigestItem, ProofKind, ProofLink
from peoplelink.channels.messages import Medium
from peoplelink.outbound.models import Content, Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose
from peoplelink.quiet_hours import Hours
from peoplelink.subscribers.models import Digest, Importance, LinkStatus
from tests import factories
from tests.factories import make_address, make_broadcast, make_dispatch, make_subscriber, make_topic, make_zone

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SENT = BroadcastStatus.SENDING


@pytest.fixture
def zone(session):
    factories.add_noise(session)
    return make_zone(session)


@pytest.fixture
def morning(now):
    """The Saturday's, when daily digests are made: 08:15 in London, where it is winter."""
    return now.replace(hour=8, minute=15)


def reader(session, zone, morning, digest=Digest.DAILY, **columns):
    defaults = {"digest": digest, "digest_up_to": morning - 10 * DAY, "email": True, "zones": [zone]}
    return make_subscriber(session, **defaults | columns)


def told(session, zone, at, subject="A fair", **columns):
    """A broadcast by email that was released at this moment."""
    defaults = {"email": f"{subject} for {{name|you}}.", "sms": None, "status": SENT, "released_at": at}
    broadcast = make_broadcast(session, zones=[zone], dispatch=make_dispatch(session), **defaults | columns)
    for content in broadcast.contents:
        content.subject = subject
    session.flush()
    return broadcast


def make(session, now, quiet=quiet_hours.NONE):
    """Do what the task does; how many parts there were."""
    parts = 0
    while digests.next_part(session, now=now, quiet=quiet):
        parts += 1
        assert parts < 20, "it does not come to an end"
    return parts


def mails(session, person=None):
    """(address id, words) of the digests that were written, oldest first."""
    rows = session.execute(
        select(Delivery.address_id, Content.text)
        .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
        .join(Content, Content.id == Delivery.content_id)
        .where(Dispatch.purpose == Purpose.DIGEST)
        .order_by(Delivery.id)
    ).all()
    mine = {link.address_id for link in person.addresses} if person else None
    return [words for address_id, words in rows if mine is None or address_id in mine]


def test_one_email_tells_of_everything_since_the_last(session, zone, morning):
    person = reader(session, zone, morning, digest_up_to=morning - DAY)
    told(session, zone, morning - 2 * DAY, "Long ago")
    told(session, zone, morning - 9 * HOUR, "Litter pick")
    told(session, zone, morning - 3 * HOUR, "Football")

    make(session, morning)

    (words,) = mails(session, person)
    assert words.index("Litter pick") < words.index("Football")
    assert "Long ago" not in words


def test_it_is_made_once(session, zone, morning):
    person = reader(session, zone, morning)
    told(session, zone, morning - HOUR)

    counts = []
    for moment in (morning, morning, morning + 5 * HOUR):
        make(session, moment)
        counts.append(len(mails(session, person)))

    assert counts == [1, 1, 1]
    assert session.scalar(select(func.count()).select_from(DigestIssue)) == 1


def test_what_came_after_eight_is_in_the_next(session, zone, morning):
    person = reader(session, zone, morning)
    told(session, zone, morning - 5 * dt.timedelta(minutes=1), "After eight")

    make(session, morning)
    today = len(mails(session, person))
    make(session, morning + DAY)

    assert (today, len(mails(session, person))) == (0, 1)


def test_nothing_is_lost_over_days_on_which_we_did_not_run(session, zone, morning):
    person = reader(session, zone, morning, digest_up_to=morning - 5 * DAY)
    told(session, zone, morning - 4 * DAY, "Four days ago")

    make(session, morning)

    assert "Four days ago" in mails(session, person)[0]


@pytest.mark.parametrize(
    ("day", "hour", "end"),
    [(21, 8, (16, 8)), (23, 8, (23, 8)), (23, 7, (16, 8)), (30, 8, (30, 7))],
    ids=["Saturday", "Monday", "Monday at seven", "Monday in summer time"],
)
def test_a_week_ends_on_monday_at_eight_by_the_clock_in_london(now, day, hour, end):
    moment = now.replace(day=day, hour=hour, minute=20)

    found = digests.last_end(Digest.WEEKLY, moment)

    assert (found.day, found.hour, found.minute) == (*end, 0)


def test_nobody_without_a_digest_gets_one(session, zone, morning):
    make_subscriber(session, zones=[zone], email=True)
    told(session, zone, morning - HOUR)

    assert make(session, morning) == 0
    assert mails(session) == []


def spoil_zone(_session, broadcast, _person, _now):
    broadcast.zones = []


def spoil_topic(session, broadcast, person, _now):
    broadcast.topics = [make_topic(session)]
    chosen = make_topic(session)
    session.add(factories.people.TopicSubscription(subscriber_id=person.id, topic_id=chosen.id, created_at=_now))


def spoil_words(_session, broadcast, _person, _now):
    broadcast.contents[0].medium, broadcast.contents[0].subject = Medium.SMS, ""


def spoil_had(session, broadcast, person, _now):
    content = factories.make_content(session, broadcast.dispatch, Medium.EMAIL)
    factories.make_delivery(session, person.addresses[0].address, content=content, status=DeliveryStatus.SENT)


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_zone,
        spoil_topic,
        spoil_words,
        spoil_had,
        lambda _s, broadcast, _p, now: setattr(broadcast, "expires_at", now - HOUR),
        lambda _s, broadcast, _p, _n: setattr(broadcast, "status", BroadcastStatus.CANCELLED),
        lambda _s, broadcast, _p, _n: setattr(broadcast, "status", BroadcastStatus.PAUSED),
        lambda _s, _b, person, _n: setattr(person, "least_importance", Importance.IMPORTANT),
        lambda _s, _b, person, now: setattr(person, "paused_until", now + DAY),
        lambda _s, _b, person, _n: setattr(person.addresses[0], "status", LinkStatus.STOPPED),
        lambda session, _b, person, _n: factories.make_suppression(session, person.addresses[0].address),
    ],
)
def test_what_is_not_for_them_is_not_in_it(session, zone, morning, spoil):
    person = reader(session, zone, morning)
    broadcast = told(session, zone, morning - HOUR)
    spoil(session, broadcast, person, morning)
    session.flush()

    make(session, morning)

    assert mails(session, person) == []
    assert person.digest_up_to == digests.last_end(Digest.DAILY, morning)


def test_a_shared_topic_and_no_topic_at_all_are_told(session, zone, morning):
    topic = make_topic(session)
    chooser = reader(session, zone, morning, topics=[topic, make_topic(session)])
    open_to_all = reader(session, zone, morning)
    told(session, zone, morning - HOUR, topics=[topic])

    make(session, morning)

    assert (len(mails(session, chooser)), len(mails(session, open_to_all))) == (1, 1)
    assert session.scalar(select(func.count(func.distinct(DigestIssue.dispatch_id)))) == 1


def test_what_an_officer_paused_and_let_go_on_is_told_after_that(session, zone, morning):
    person = reader(session, zone, morning)
    broadcast = told(session, zone, morning - HOUR, status=BroadcastStatus.PAUSED)
    make(session, morning)
    broadcast.status = SENT
    session.add(
        ProofLink(broadcast_id=broadcast.id, number=1, kind=ProofKind.RESUMED, facts={}, made_at=morning + HOUR,
                  previous="", key_id="k", link="l")
    )  # fmt: skip
    session.flush()

    make(session, morning + DAY)
    make(session, morning + 2 * DAY)

    assert len(mails(session, person)) == 1


def test_who_has_had_enough_this_week_is_told_when_the_week_is_over(session, zone, morning):
    person = reader(session, zone, morning, weekly_limit=1, digest_up_to=morning - DAY)
    content = factories.make_content(session, make_dispatch(session), Medium.EMAIL)
    factories.make_delivery(session, person.addresses[0].address, content=content, created_at=morning - 6 * DAY)
    told(session, zone, morning - HOUR, "Waits")

    make(session, morning)
    early = mails(session, person)
    make(session, morning + 2 * DAY)

    assert early == []
    assert "Waits" in mails(session, person)[0]


def test_a_shared_mailbox_is_told_once_and_greets_nobody_by_name(session, zone, morning):
    shared = make_address(session, Medium.EMAIL)
    first = reader(session, zone, morning, email=shared, name="Ash")
    reader(session, zone, morning, email=shared, name="Bo")
    told(session, zone, morning - HOUR)

    make(session, morning)

    assert len(mails(session, first)) == 1
    names = session.scalars(select(Delivery.merge).join(Dispatch).where(Dispatch.purpose == Purpose.DIGEST)).all()
    assert [merge["name"] for merge in names] == [None]
    assert session.scalar(select(func.count()).select_from(DigestItem)) == 1


def test_it_waits_for_the_end_of_quiet_hours_their_own_or_ours(session, zone, morning):
    reader(session, zone, morning, quiet_from=60, quiet_until=600)
    reader(session, zone, morning)
    told(session, zone, morning - HOUR)

    make(session, morning, Hours(1260, 480))

    rows = session.execute(
        select(Delivery.quiet_from, Delivery.quiet_until).join(Dispatch).where(Dispatch.purpose == Purpose.DIGEST)
    )
    assert sorted(tuple(row) for row in rows) == [(60, 600), (1260, 480)]


def test_parts_come_one_after_the_other(session, zone, morning, monkeypatch):
    monkeypatch.setattr(digests, "PART", 2)
    people = [reader(session, zone, morning) for _ in range(5)]
    told(session, zone, morning - HOUR)

    parts = make(session, morning)

    assert parts == 3
    assert [len(mails(session, person)) for person in people] == [1] * 5


def test_to_end_it_sends_what_has_gathered(session, zone, morning):
    person = reader(session, zone, morning, digest=Digest.WEEKLY)
    told(session, zone, morning - HOUR, "Gathered")

    digests.close(session, person, now=morning, quiet=quiet_hours.NONE)
    digests.close(session, person, now=morning, quiet=quiet_hours.NONE)

    assert ["Gathered" in words for words in mails(session, person)] == [True]


def test_the_bell_rings_only_while_something_is_due(session, zone, morning, jobs):
    digests.ring_if_due(session, now=morning)
    quiet = "digests" in str(session.info)
    reader(session, zone, morning)
    digests.ring_if_due(session, now=morning)

    assert (quiet, "digests" in str(session.info)) == (False, True)


def killed_half_way(database, now):
    with database.transaction() as session:
        digests.next_part(session, now=now, quiet=quiet_hours.NONE)
        raise KeyboardInterrupt


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_maker_killed_half_way_leaves_the_rest_to_the_next(runtime, database, morning, monkeypatch):
    monkeypatch.setattr(digests, "PART", 1)
    with database.transaction() as session:
        zone = make_zone(session)
        people = [reader(session, zone, morning) for _ in range(3)]
        told(session, zone, morning - HOUR)
    with database.transaction() as session:
        digests.next_part(session, now=morning, quiet=quiet_hours.NONE)
    with pytest.raises(KeyboardInterrupt):
        killed_half_way(database, morning)

    with database.transaction() as session:
        make(session, morning)

    with database.read() as session:
        found = [mails(session, session.merge(person, load=True)) for person in people]
    assert [len(mine) for mine in found] == [1, 1, 1]
