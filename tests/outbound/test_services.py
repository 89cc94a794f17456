import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink.channels.messages import Medium
from peoplelink.outbound import services
from peoplelink.outbound.models import Content, Suppression
from peoplelink.outbound.states import DeliveryStatus, Purpose, SuppressionReason
from tests.factories import add_noise, make_address, make_delivery


def test_a_message_of_its_own_is_queued_and_its_lane_rung_after_the_commit(session, now, jobs):
    address = make_address(session)

    delivery = services.queue_message(session, address, purpose=Purpose.REPLY, body="Thank you.", now=now)

    assert (delivery.status, delivery.lane, delivery.segments) == (DeliveryStatus.QUEUED, "sms:urgent", 1)
    assert jobs.rung == []


def queue_and_fail(database, address, now):
    with database.transaction() as session:
        services.queue_message(session, session.merge(address), purpose=Purpose.REPLY, body="x", now=now)
        session.info["fault"] = 1 / 0


def test_the_bell_rings_once_after_the_commit_and_not_after_a_rollback(database, now, jobs):
    with database.transaction() as session:
        address = make_address(session)
        for _ in range(2):
            services.queue_message(session, address, purpose=Purpose.REPLY, body="Thank you.", now=now)

    assert jobs.rung == ["lane:sms:urgent"]
    with pytest.raises(ZeroDivisionError):
        queue_and_fail(database, address, now)
    assert jobs.rung == ["lane:sms:urgent"]


def test_an_email_is_frozen_with_both_of_its_parts(session, now):
    address = make_address(session, Medium.EMAIL)

    delivery = services.queue_message(
        session, address, purpose=Purpose.REPLY, subject="Re: fair", body="**Thank you**", now=now
    )

    content = session.get_one(Content, delivery.content_id)
    assert "\n\nThank you\n" in content.text
    assert "<strong>Thank you</strong>" in content.html


def test_a_second_stop_changes_nothing(session, now):
    address = make_address(session)
    add_noise(session)
    before = session.scalar(select(func.count()).select_from(Suppression))

    first = services.suppress(session, address, SuppressionReason.STOP, source="text", now=now)
    second = services.suppress(session, address, SuppressionReason.STOP, source="text", now=now)

    assert (first, second) == (True, False)
    assert session.scalar(select(func.count()).select_from(Suppression)) == before + 1
    assert services.suppressions_of(session, address) == {SuppressionReason.STOP}


def test_a_stop_takes_back_what_is_queued_but_not_what_has_left_nor_others(session, now):
    address = make_address(session)
    queued, sent = make_delivery(session, address), make_delivery(session, address, status=DeliveryStatus.SENT)
    answer = services.queue_message(session, address, purpose=Purpose.OPT_OUT_ANSWER, body="You have left.", now=now)
    others = make_delivery(session)

    services.suppress(session, address, SuppressionReason.STOP, source="text", now=now)

    for row in (queued, sent, others, answer):
        session.refresh(row)
    assert queued.status is DeliveryStatus.SUPPRESSED
    assert queued.settled_at == now
    assert (sent.status, others.status, answer.status) == (
        DeliveryStatus.SENT, DeliveryStatus.QUEUED, DeliveryStatus.QUEUED,
    )  # fmt: skip


def test_lifting_ends_only_the_reasons_named_and_the_history_stays(session, now):
    address, other = make_address(session), make_address(session)
    for one in (address, other):
        services.suppress(session, one, SuppressionReason.STOP, source="text", now=now)
    services.suppress(session, address, SuppressionReason.BOUNCED, source="event", now=now)

    lifted = services.lift(session, address, [SuppressionReason.STOP], by="resident", now=now)

    assert lifted == 1
    assert services.suppressions_of(session, address) == {SuppressionReason.BOUNCED}
    assert services.suppressions_of(session, other) == {SuppressionReason.STOP}
    assert services.suppress(session, address, SuppressionReason.STOP, source="text", now=now) is True


def test_recent_messages_are_counted_by_purpose_and_time(session, now):
    address, hour = make_address(session), dt.timedelta(hours=1)
    for purpose, at in (
        (Purpose.CONFIRMATION, now),
        (Purpose.CONFIRMATION, now - hour),
        (Purpose.CONFIRMATION, now - 3 * hour),
        (Purpose.REPLY, now),
    ):
        services.queue_message(session, address, purpose=purpose, body="x", now=at)
    services.queue_message(session, make_address(session), purpose=Purpose.CONFIRMATION, body="x", now=now)

    assert services.count_recent(session, address, [Purpose.CONFIRMATION], since=now - hour) == 2


def test_a_paused_lane_is_listed_with_what_to_put_right(session, now, jobs):
    services.pause_lane(session, "sms:bulk", because="The key is wrong.", now=now)

    assert [(lane.name, lane.paused_because) for lane in services.paused_lanes(session)] == [
        ("sms:bulk", "The key is wrong.")
    ]
    services.resume_lane(session, "sms:bulk")
    assert services.paused_lanes(session) == []
