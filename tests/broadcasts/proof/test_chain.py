"""What stands in a proof, and that it holds for a broadcast that nobody has touched."""

from peoplelink.broadcasts.models import BroadcastStatus
from tests.broadcasts.proof import story


def test_a_broadcast_leaves_a_link_for_each_event_that_matters(session):
    broadcast = story.finished(session)

    assert story.kinds(session, broadcast) == ["sent", "frozen", "released", "finished"]
    assert broadcast.status is BroadcastStatus.FINISHED


def test_nothing_was_changed_in_a_broadcast_that_nobody_touched(session):
    verdict = story.verdict(session, story.finished(session))

    assert verdict.problems == []
    assert verdict.links == 4
