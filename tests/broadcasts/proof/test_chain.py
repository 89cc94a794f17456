"""What stands in a proof, and that it holds for a broadcast that nobody has touched."""

import datetime as dt
import json

import pytest

from peoplelink.broadcasts import proof, steering
from peoplelink.broadcasts.models import BroadcastStatus
from peoplelink.broadcasts.proof import chain
from peoplelink.config import Keyring
from peoplelink.outbound.models import Address
from tests.broadcasts.proof import story
from tests.factories import NOW, make_broadcast, make_officer


def facts_of(session, broadcast):
    return {str(link.kind): link.facts for link in chain.links(session, broadcast)}


def test_a_broadcast_leaves_a_link_for_each_event_that_matters(session):
    broadcast = story.finished(session)

    assert story.kinds(session, broadcast) == ["sent", "frozen", "released", "finished"]


def test_nothing_was_changed_in_a_broadcast_that_nobody_touched(session):
    verdict = story.verdict(session, story.finished(session))

    assert verdict.problems == []
    assert verdict.links == 4


def test_the_links_say_words_audience_counts_and_that_nobody_approved(session):
    broadcast = story.finished(session)

    facts = facts_of(session, broadcast)

    assert [words["body"] for words in facts["sent"]["words"]] == ["A **fair**.", "A fair on Saturday."]
    assert [zone["name"] for zone in facts["sent"]["zones"]] == ["New Parks"]
    assert facts["sent"]["by"] == broadcast.sent_by.public_id
    assert facts["sent"]["approval"] == "off: a single officer"
    assert facts["frozen"]["left_out"]["email"]["no address"] == 1
    assert facts["released"]["recipients"] == {"sms": 4, "email": 3}
    assert facts["released"]["deliveries"] == 7
    assert sum(facts["finished"]["counts"][medium].get("failed", 0) for medium in ("sms", "email")) == 1


def test_an_approval_is_named_with_who_gave_it(session):
    officer = make_officer(session)
    broadcast = story.sent(session, approved_by_id=officer.id)

    assert facts_of(session, broadcast)["sent"]["approval"] == officer.public_id
    assert story.verdict(session, broadcast).problems == []


def test_another_approver_than_the_link_names_is_told_of(session):
    officer = make_officer(session)
    broadcast = make_broadcast(session, status=BroadcastStatus.APPROVED, approved_by_id=officer.id)
    proof.add(session, broadcast, proof.Kind.APPROVED, {"by": officer.public_id}, now=NOW)
    assert story.verdict(session, broadcast).problems == []

    broadcast.approved_by_id = make_officer(session).id

    assert story.verdict(session, broadcast).problems == [
        f"Who approved it has been changed. It was officer {officer.public_id}."
    ]


def test_nothing_in_a_proof_tells_who_a_resident_is(session):
    broadcast = story.finished(session)

    said = json.dumps([link.facts for link in chain.links(session, broadcast)])

    for address in session.query(Address):
        assert address.value not in said
        assert address.hash not in said


def test_a_draft_has_nothing_to_prove(session):
    verdict = story.verdict(session, make_broadcast(session))

    assert (verdict.links, verdict.problems) == (0, [])
    assert verdict.notes == ["It has not been sent yet: there is nothing to prove."]


def test_what_has_not_finished_is_proven_as_far_as_it_went(session):
    broadcast = story.sent(session)
    sent = story.verdict(session, broadcast)
    story.release(session, broadcast)
    story.hand_over(session, broadcast)

    released = story.verdict(session, broadcast)

    assert (sent.links, sent.problems) == (1, [])
    assert (released.links, released.problems) == (3, [])
    assert released.notes == ["It has not finished: what becomes of each delivery is not fixed yet."]


def test_a_broadcast_to_nobody_is_proven(session):
    broadcast = story.sent(session, residents=0, sms=None)
    story.release(session, broadcast)

    verdict = story.verdict(session, broadcast)

    assert broadcast.status is BroadcastStatus.FINISHED
    assert (verdict.links, verdict.problems) == (4, [])


def test_what_went_out_before_it_was_cancelled_is_proven_too(session):
    broadcast = story.sent(session)
    story.release(session, broadcast)
    steering.cancel(session, broadcast, by=broadcast.sent_by, now=NOW)
    story.hand_over(session, broadcast, without_receipt=1)

    story.finish(session, broadcast)

    assert story.kinds(session, broadcast) == ["sent", "frozen", "released", "cancelled", "finished"]
    assert broadcast.status is BroadcastStatus.CANCELLED
    assert story.verdict(session, broadcast).problems == []
    story.rows(session, broadcast)[0].status = "delivered"
    assert len(story.verdict(session, broadcast).problems) == 1


def test_failed_ones_that_are_tried_again_end_a_second_time(session):
    broadcast = story.finished(session, failed=2)
    steering.retry(session, broadcast, by=broadcast.sent_by, now=NOW)
    again = story.verdict(session, broadcast)
    story.hand_over(session, broadcast, failed=1)

    story.finish(session, broadcast, now=NOW + dt.timedelta(days=4))

    assert again.problems == []
    assert story.kinds(session, broadcast)[-3:] == ["finished", "retried", "finished"]
    assert story.verdict(session, broadcast).problems == []


@pytest.mark.parametrize("which", [0, 3])
def test_a_head_that_the_chain_goes_through_is_found(session, which):
    broadcast = story.finished(session)
    link = chain.links(session, broadcast)[which]

    verdict = story.verdict(session, broadcast, head=link.link)

    assert verdict.problems == []
    assert verdict.notes[0].startswith(f"The head you gave is Link {link.number} ({link.kind}), of ")


def test_the_head_of_another_broadcast_is_not(session):
    broadcast, second = story.finished(session), story.finished(session)

    assert story.verdict(session, broadcast, head=story.verdict(session, second).head).problems


# Keys


def with_keys(session, *proofs):
    session.info["keyring"] = Keyring("a" * 64, proofs)


@pytest.fixture
def rotated(session, config):
    """A broadcast that was sent under one key and finished under another."""
    broadcast = story.sent(session)
    with_keys(session, "n" * 64, config.proof_key)
    story.release(session, broadcast)
    story.hand_over(session, broadcast)
    story.finish(session, broadcast)
    return broadcast


def test_a_key_that_was_rotated_still_verifies(session, rotated):
    assert story.verdict(session, rotated).problems == []
    assert len({link.key_id for link in chain.links(session, rotated)}) == 2


def test_a_key_that_is_gone_is_asked_for_by_its_fingerprint(session, rotated, config):
    with_keys(session, "n" * 64)

    problems = story.verdict(session, rotated).problems

    gone = chain.key_id(config.proof_key)
    assert problems[0].startswith(
        f"Link 1 (sent) cannot be checked: it was made with the key {gone}, which is not set."
    )
    assert len(problems) == 1


def test_a_fingerprint_does_not_hold_a_part_of_the_key(config):
    assert chain.key_id(config.proof_key) not in config.proof_key
    assert chain.key_id("a" * 64) != chain.key_id("b" * 64)


def test_what_cannot_be_written_down_for_good_is_refused(session):
    with pytest.raises(TypeError, match="set cannot stand in a proof"):
        proof.add(session, make_broadcast(session), proof.Kind.PAUSED, {"zones": {1}}, now=NOW)
