"""A STOP, in whatever words we know it by, takes effect in the webhook's own transaction, before we answer."""

import datetime as dt

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from peoplelink.channels.errors import UnreadablePayloadError
from peoplelink.channels.messages import InboundMessage, OptOutWord, ProviderRequest
from peoplelink.inbound import senders
from peoplelink.inbound.models import Webhook
from peoplelink.outbound.states import SuppressionReason
from peoplelink.runtime import Runtime
from peoplelink.subscribers import services as subscriber_services
from peoplelink.subscribers import texts

log = structlog.get_logger(__name__)


def stop_if_asked(
    session: Session, incoming: ProviderRequest, *, webhook: Webhook, parts: Runtime, now: dt.datetime
) -> bool:
    """Suppress the sender of a STOP and take back what is queued for them. The answer to it is the job's.

    Never raises for what the request holds: the job reads it again, and says what is wrong with it.
    """
    try:
        message = parts.twilio.parse_inbound(incoming)
        if not is_stop(message):
            return False
        with session.begin_nested():
            _stop(session, message, webhook=webhook, address_key=parts.config.address_key, now=now)
    except OperationalError:
        raise
    except UnreadablePayloadError:
        return False
    except Exception:
        # Keeping the request matters more than acting on it now: the job tries again within the second.
        log.exception("stop_left_to_the_job", webhook=webhook.public_id)
        return False
    return True


def is_stop(message: InboundMessage) -> bool:
    """Whether the provider says STOP, or the text asks for it."""
    return message.opt_out is OptOutWord.STOP or texts.means_stop(message.text)


def _stop(session: Session, message: InboundMessage, *, webhook: Webhook, address_key: str, now: dt.datetime) -> None:
    address = senders.address_of(session, message, address_key=address_key, now=now)
    subscriber_services.stop_address(
        session,
        address,
        reason=SuppressionReason.STOP,
        how="STOP",
        source="text",
        evidence={"webhook": webhook.public_id},
        now=now,
    )
