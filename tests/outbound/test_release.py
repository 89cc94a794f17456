from sqlalchemy import func, literal, select

from peoplelink.channels.messages import Medium
from peoplelink.outbound import progress, release
from peoplelink.outbound.models import Address, Content, Delivery
from peoplelink.outbound.states import DeliveryStatus, Purpose, Urgency
from peoplelink.outbound.words import Words
from tests.factories import add_noise, make_address, make_delivery

WORDS = (Words(Medium.SMS, "Dear {name|friend}, a fair."), Words(Medium.EMAIL, "A *fair*", "Fair"))


def start(session, now, words=WORDS):
    return release.start(session, purpose=Purpose.BROADCAST, urgency=Urgency.BULK, words=words, now=now)


def everybody(addresses, name="Ada", language="en"):
    return select(
        Address.id.label("address_id"),
        Address.medium.label("medium"),
        literal(name).label("name"),
        literal(language).label("language"),
    ).where(Address.id.in_([address.id for address in addresses]))


def test_everybody_gets_one_delivery_with_the_words_of_their_medium(session, now):
    number, mailbox = make_address(session), make_address(session, Medium.EMAIL)
    add_noise(session)
    dispatch = start(session, now)

    written = release.add_recipients(session, dispatch, everybody([number, mailbox]), now=now)

    rows = session.scalars(select(Delivery).where(Delivery.dispatch_id == dispatch.id).order_by(Delivery.id)).all()
    assert written == 2
    assert {(row.address_id, row.lane, session.get_one(Content, row.content_id).medium) for row in rows} == {
        (number.id, "sms:bulk", Medium.SMS),
        (mailbox.id, "email:bulk", Medium.EMAIL),
    }
    assert [row.merge for row in rows] == [{"name": "Ada"}] * 2
    assert [(row.status, row.attempt, row.created_at) for row in rows] == [(DeliveryStatus.QUEUED, 0, now)] * 2
    assert len({row.public_id for row in rows}) == 2
    assert all(len(row.public_id) == 36 for row in rows)


def test_a_release_that_runs_twice_writes_nothing_twice(session, now):
    people = [make_address(session) for _ in range(5)]
    dispatch = start(session, now)

    first = release.add_recipients(session, dispatch, everybody(people[:3]), now=now)
    second = release.add_recipients(session, dispatch, everybody(people), now=now)

    assert (first, second) == (3, 2)
    assert session.scalar(select(func.count()).where(Delivery.dispatch_id == dispatch.id)) == 5


def test_a_medium_without_words_is_left_out(session, now):
    dispatch = start(session, now, WORDS[:1])

    assert release.add_recipients(session, dispatch, everybody([make_address(session, Medium.EMAIL)]), now=now) == 0


def test_a_language_without_words_gets_english(session, now):
    polish = Words(Medium.SMS, "Festyn", language="pl")
    reader, other = make_address(session), make_address(session)
    dispatch = start(session, now, (*WORDS, polish))

    release.add_recipients(session, dispatch, everybody([reader], language="pl"), now=now)
    release.add_recipients(session, dispatch, everybody([other], name=None, language="ur"), now=now)

    said = dict(
        session.execute(
            select(Delivery.address_id, Content.language)
            .join(Content, Content.id == Delivery.content_id)
            .where(Delivery.dispatch_id == dispatch.id)
        ).all()
    )
    assert said == {reader.id: "pl", other.id: "en"}


def test_the_lanes_ring_after_the_commit(database, now, jobs):
    with database.transaction() as session:
        release.add_recipients(session, start(session, now), everybody([make_address(session)]), now=now)

    assert jobs.rung == ["lane:email:bulk", "lane:sms:bulk"]


def test_progress_counts_one_dispatch_only(session, now):
    dispatch = start(session, now)
    people = [make_address(session) for _ in range(4)]
    release.add_recipients(session, dispatch, everybody(people), now=now)
    make_delivery(session)
    rows = session.scalars(select(Delivery).where(Delivery.dispatch_id == dispatch.id)).all()
    for row, status in zip(rows, (DeliveryStatus.SENT, DeliveryStatus.SENDING, DeliveryStatus.DELIVERED), strict=False):
        row.status = status
    session.flush()

    assert progress.counts(session, dispatch.id) == {
        Medium.SMS: {
            DeliveryStatus.SENT: 1, DeliveryStatus.SENDING: 1, DeliveryStatus.DELIVERED: 1, DeliveryStatus.QUEUED: 1,
        }
    }  # fmt: skip
    assert progress.without_receipt(session, dispatch.id) == 1
