"""Rows of somebody else."""

from sqlalchemy.orm import Session

from peoplelink.outbound.states import DeliveryStatus, SuppressionReason
from tests.factories.people import make_address, make_sign_up, make_subscriber, make_topic, make_zone
from tests.factories.replies import make_conversation, make_message, make_report
from tests.factories.sending import make_broadcast, make_content, make_delivery, make_dispatch, make_suppression


def add_noise(session: Session) -> None:
    """Rows of somebody else in every table that lists and counts read: a query without its filter shows them."""
    zone, topic = make_zone(session, name="Elsewhere"), make_topic(session)
    resident = make_subscriber(session, zones=[zone], topics=[topic], sms=True, email=True)
    addresses = [link.address for link in resident.addresses]
    make_sign_up(session, zones=[zone], addresses=[make_address(session)])
    make_suppression(session, make_address(session), SuppressionReason.BOUNCED)
    broadcast = make_broadcast(session, zones=[zone], email="A fair.", dispatch=make_dispatch(session))
    assert broadcast.dispatch
    for address, status in zip(addresses, (DeliveryStatus.SENT, DeliveryStatus.QUEUED), strict=True):
        content = make_content(session, broadcast.dispatch, address.medium)
        make_delivery(session, address, content=content, status=status)
    conversation = make_conversation(session, addresses[0], zone_id=zone.id, broadcast=broadcast)
    make_message(session, conversation)
    make_report(session, conversation)
