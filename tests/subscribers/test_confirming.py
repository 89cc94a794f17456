import datetime as dt

import pytest
from sqlalchemy import func, select

from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError
from peoplelink.outbound import services as outbound
from peoplelink.outbound.states import SuppressionReason
from peoplelink.subscribers import confirming, services
from peoplelink.subscribers.models import (
    ConsentAction,
    ConsentRecord,
    LinkStatus,
    Subscriber,
    SubscriberAddress,
    TopicSubscription,
)
from tests.subscribers import people


def _ledger(session, subscriber):
    return session.scalars(
        select(ConsentRecord).where(ConsentRecord.subscriber_id == subscriber.id).order_by(ConsentRecord.id)
    ).all()


def _topics(session, subscriber):
    chosen = select(TopicSubscription.topic_id).where(TopicSubscription.subscriber_id == subscriber.id)
    return set(session.scalars(chosen))


def _residents(session):
    return session.scalar(select(func.count()).select_from(Subscriber))


def _later(now, **span):
    return now + dt.timedelta(**span)


def test_confirming_makes_a_resident_with_what_they_chose(planted, now):
    made = people.sign_up(planted, now, name="Ash", zones=("coalville", "new-parks"), topics=("events",))

    subscriber = people.confirm(planted, made, _later(now, minutes=1))

    where = people.address(planted, now)
    link = planted.get(SubscriberAddress, (subscriber.id, where.id))
    assert (subscriber.name, subscriber.language) == ("Ash", "en")
    assert [zone.name for zone in services.zones_of(planted, subscriber)] == ["Coalville", "New Parks"]
    assert _topics(planted, subscriber) == {people.topic(planted).id}
    assert (link.status, link.confirmed_at) == (LinkStatus.LIVE, _later(now, minutes=1))
    assert services.subscribers_at(planted, where) == [subscriber]
    assert made.subscriber_id == subscriber.id


def test_confirming_writes_the_wording_and_the_evidence_into_the_ledger(planted, now):
    made = people.sign_up(planted, now)

    subscriber = confirming.confirm(
        planted, made, people.address(planted, now), how="reply YES", evidence={"message": "m-1"}, now=now
    )

    [line] = _ledger(planted, subscriber)
    assert (line.action, line.medium, line.how, line.at) == (ConsentAction.GIVEN, Medium.SMS, "reply YES", now)
    assert line.wording_id == made.wording_id
    assert line.evidence == {"message": "m-1", "sign_up": made.public_id}
    assert line.address_hash == people.address(planted, now).hash


def test_confirming_twice_changes_nothing(planted, now):
    made = people.sign_up(planted, now)
    first = people.confirm(planted, made, now)
    before = _residents(planted)

    second = people.confirm(planted, made, _later(now, days=1))

    assert second is first
    assert _residents(planted) == before
    assert len(_ledger(planted, first)) == 1


def test_the_second_address_of_a_sign_up_joins_the_same_resident(planted, now):
    made = people.sign_up(planted, now, mobile=people.MOBILE, email=people.EMAIL)
    by_text = people.confirm(planted, made, now)

    by_mail = people.confirm(planted, made, _later(now, hours=1), people.EMAIL, how="link")

    assert by_mail is by_text
    assert services.subscribers_at(planted, people.address(planted, now, people.EMAIL)) == [by_text]
    assert [line.medium for line in _ledger(planted, by_text)] == [Medium.SMS, Medium.EMAIL]


def test_confirming_one_address_says_nothing_about_the_other(planted, now):
    made = people.sign_up(planted, now, mobile=people.MOBILE, email=people.EMAIL)

    people.confirm(planted, made, now)

    assert services.subscribers_at(planted, people.address(planted, now, people.EMAIL)) == []


@pytest.mark.parametrize(("first", "second"), [("Ash", "ASH"), (None, "Ash"), ("Ash", None), (None, None)])
def test_the_same_or_no_name_at_an_address_is_the_same_resident(planted, now, first, second):
    before = people.resident(planted, now, name=first)

    after = people.confirm(planted, people.sign_up(planted, now, name=second, zones=("coalville",)), now)

    assert after is before
    assert after.name == (first or second)
    assert [zone.name for zone in services.zones_of(planted, after)] == ["Coalville", "New Parks"]


def test_another_name_at_an_address_is_a_household(planted, now):
    first = people.resident(planted, now, name="Ash")

    second = people.confirm(planted, people.sign_up(planted, now, name="Rowan", zones=("coalville",)), now)

    assert second is not first
    assert services.subscribers_at(planted, people.address(planted, now)) == [first, second]
    assert [zone.name for zone in services.zones_of(planted, first)] == ["New Parks"]
    assert [zone.name for zone in services.zones_of(planted, second)] == ["Coalville"]


def test_without_a_name_in_a_household_nobody_is_guessed(planted, now):
    first = people.resident(planted, now, name="Ash")
    second = people.confirm(planted, people.sign_up(planted, now, name="Rowan"), now)

    third = people.confirm(planted, people.sign_up(planted, _later(now, minutes=3), zones=("coalville",)), now)

    assert third not in (first, second)


def test_a_resident_who_gets_everything_does_not_lose_it_by_choosing_a_topic_with_a_second_zone(planted, now):
    before = people.resident(planted, now)

    people.confirm(planted, people.sign_up(planted, now, zones=("coalville",), topics=("events",)), now)

    assert _topics(planted, before) == set()


def test_the_newest_sign_up_stands_for_those_before_it(planted, now):
    older = people.sign_up(planted, now)
    newer = people.sign_up(planted, _later(now, minutes=5), zones=("coalville",))

    with pytest.raises(InvalidInputError, match="newest email"):
        people.confirm(planted, older, _later(now, minutes=6))

    subscriber = people.confirm(planted, newer, _later(now, minutes=6))
    assert [zone.name for zone in services.zones_of(planted, subscriber)] == ["Coalville"]


def test_after_fourteen_days_a_sign_up_cannot_be_confirmed(planted, now):
    made = people.sign_up(planted, now)

    with pytest.raises(InvalidInputError, match="sign up again"):
        people.confirm(planted, made, _later(now, days=14))


def test_an_address_that_was_not_asked_cannot_confirm(planted, now):
    made = people.sign_up(planted, now)

    with pytest.raises(InvalidInputError, match="does not work any more"):
        people.confirm(planted, made, now, "+447700900901")


def test_a_stop_undoes_what_was_asked_before_it(planted, now):
    made = people.sign_up(planted, now)
    where = people.address(planted, now)
    services.stop_address(
        planted, where, reason=SuppressionReason.STOP, how="STOP", source="text", evidence={}, now=now
    )

    with pytest.raises(InvalidInputError, match="does not work any more"):
        people.confirm(planted, made, now)


def test_an_old_link_does_not_bring_back_somebody_who_left(planted, now):
    made = people.sign_up(planted, now, email=people.EMAIL)
    people.confirm(planted, made, now, people.EMAIL)
    where = people.address(planted, now, people.EMAIL)
    services.stop_address(
        planted, where, reason=SuppressionReason.UNSUBSCRIBED, how="link", source="link", evidence={}, now=now
    )

    with pytest.raises(InvalidInputError, match="have left"):
        people.confirm(planted, made, _later(now, days=1), people.EMAIL)

    assert services.subscribers_at(planted, where) == []


def test_a_new_confirmation_lifts_an_unsubscribe(planted, now):
    where = people.address(planted, now, people.EMAIL)
    outbound.suppress(planted, where, SuppressionReason.UNSUBSCRIBED, source="link", now=now)
    outbound.suppress(planted, where, SuppressionReason.COMPLAINED, source="event", now=now)

    people.confirm(planted, people.sign_up(planted, now, email=people.EMAIL), now, people.EMAIL)

    assert outbound.suppressions_of(planted, where) == {SuppressionReason.COMPLAINED}


def test_somebody_who_comes_back_by_name_is_the_same_resident(planted, now):
    before = people.resident(planted, now, people.EMAIL, name="Ash")
    where = people.address(planted, now, people.EMAIL)
    services.stop_address(
        planted, where, reason=SuppressionReason.UNSUBSCRIBED, how="link", source="link", evidence={}, now=now
    )

    after = people.confirm(planted, people.sign_up(planted, now, email=people.EMAIL, name="ash"), now, people.EMAIL)

    assert after is before


def test_a_number_that_was_given_up_does_not_hand_its_new_owner_the_old_one_s_choices(planted, now):
    before = people.resident(planted, now, name="Ash")
    where = people.address(planted, now)
    services.stop_address(
        planted, where, reason=SuppressionReason.BOUNCED, how="bounce", source="event", evidence={}, now=now
    )

    after = people.confirm(planted, people.sign_up(planted, now, zones=("coalville",)), now)

    assert after is not before
    assert [zone.name for zone in services.zones_of(planted, after)] == ["Coalville"]


def test_a_line_of_the_ledger_is_never_changed(planted, now):
    [line] = _ledger(planted, people.resident(planted, now))
    line.how = "something else"

    with pytest.raises(RuntimeError, match="only ever added to"):
        planted.flush()
