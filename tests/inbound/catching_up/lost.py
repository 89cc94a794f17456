"""Texts that reach Twilio and not us."""

import datetime as dt

from sqlalchemy import func, select

from peoplelink import clock
from peoplelink.channels.twilio import TwilioChannel, TwilioSettings
from peoplelink.inbound.models import ReceivedMessage, Webhook
from tests.sandbox.parts import ACCOUNT, TOKEN

SAM, ASH = "+447700900111", "+447700900222"
MINUTE = dt.timedelta(minutes=1)
NOBODY = "http://127.0.0.1:9"


def asking(sandbox, **settings):
    """A channel that asks a sandbox."""
    return TwilioChannel(TwilioSettings(ACCOUNT, TOKEN, NOBODY, base_url=sandbox.url, timeout=5, **settings))


def text_in(sandbox, words, *, sender=SAM, ago=MINUTE, **more):
    """A text whose webhook is lost, sent so long ago; its id."""
    sid = sandbox.text_in(sender, words, **more)["sid"]
    text = sandbox.world.state.texts[sid]
    text.accepted_at = text.sent_at = clock.now() - ago
    return sid


def texts(look):
    """What has been read, in that order."""
    return look(lambda s: list(s.scalars(select(ReceivedMessage.text).order_by(ReceivedMessage.id))))


def kept(look):
    """How many requests are kept."""
    return look(lambda s: s.scalar(select(func.count()).select_from(Webhook)))
