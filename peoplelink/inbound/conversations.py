"""Opening, joining and reopening conversations when a message comes in."""

from sqlalchemy.orm import Session

from peoplelink.broadcasts.models import Broadcast
from peoplelink.inbound.linking import RECENT, Link, last_word
from peoplelink.inbound.models import Confidence, Conversation, ConversationStatus, ReceivedMessage
from peoplelink.subscribers import services as subscriber_services
from peoplelink.subscribers.models import Subscriber


def add(session: Session, received: ReceivedMessage, link: Link) -> Conversation:
    """Put a message into the conversation it belongs to, or into a new one."""
    conversation = link.conversation
    if conversation is None or _over(session, conversation, received):
        conversation = _opened(session, received, link)
    elif conversation.status is ConversationStatus.DONE:
        _reopen(conversation)
    conversation.last_message_at = max(conversation.last_message_at, received.received_at)
    received.conversation = conversation
    received.delivery_id = link.delivery_id
    session.flush()
    return conversation


def zone_id_of(session: Session, subscribers: list[Subscriber], broadcast: Broadcast | None) -> int | None:
    """The one zone a conversation must be about, or None: then only officers of all zones see it.

    It is a zone of the residents at the address, and of the broadcast where there is one; two candidates are none.
    """
    zones = {zone.id for subscriber in subscribers for zone in subscriber_services.zones_of(session, subscriber)}
    if broadcast is not None and broadcast.zones:
        zones &= {zone.id for zone in broadcast.zones}
    return zones.pop() if len(zones) == 1 else None


def _over(session: Session, conversation: Conversation, received: ReceivedMessage) -> bool:
    """Done, and silent for so long that a new message is a new matter, or of somebody who has given up this address.

    One that is not done is joined for ever.
    """
    theirs = conversation.subscriber_id
    at = received.received_at
    if theirs is not None and subscriber_services.has_given_up(session, theirs, received.address, now=at):
        return True
    done = conversation.status is ConversationStatus.DONE
    return done and last_word(session, conversation) < received.received_at - RECENT


def _reopen(conversation: Conversation) -> None:
    # Back among the new ones and nobody's: whoever closed it may be away, and "new" is the list that all look at.
    conversation.status = ConversationStatus.NEW
    conversation.assigned_to_id = None
    conversation.closed_at = None


def _opened(session: Session, received: ReceivedMessage, link: Link) -> Conversation:
    # Whoever has just left by this message is still the one who wrote it.
    people = subscriber_services.latest_at if received.command else subscriber_services.subscribers_at
    at, address = received.received_at, received.address
    found = people(session, address)
    subscribers = [one for one in found if not subscriber_services.has_given_up(session, one.id, address, now=at)]
    # An unsure link says too little to choose who may read it.
    broadcast = link.broadcast if link.confidence is not Confidence.UNSURE else None
    conversation = Conversation(
        address=received.address,
        subscriber=_only(subscribers),
        zone_id=zone_id_of(session, subscribers, broadcast),
        broadcast=link.broadcast,
        confidence=link.confidence,
        subject=received.subject,
        opened_at=received.received_at,
        last_message_at=received.received_at,
    )
    session.add(conversation)
    return conversation


def _only(subscribers: list[Subscriber]) -> Subscriber | None:
    """The resident, unless a household shares the address: nobody is taken for another."""
    return subscribers[0] if len(subscribers) == 1 else None
