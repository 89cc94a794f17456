"""Messages as the channels read them, and short ways to say what happened before."""

import datetime as dt
import itertools

from sqlalchemy import select

from peoplelink import keys
from peoplelink.channels.messages import InboundMessage, Medium
from peoplelink.inbound.routing import Arrival, place
from peoplelink.outbound.models import Content, Delivery, Dispatch
from peoplelink.outbound.states import DeliveryStatus, Purpose
from tests.factories import (
    make_address,
    make_broadcast,
    make_content,
    make_delivery,
    make_dispatch,
)

_ids = itertools.count(1)
MAILBOX = "resident@example.com"


class Desk:
    """The session, and short ways to say what happened."""

    def __init__(self, session, config, now):
        self.session, self.config, self.now = session, config, now
        self.number = make_address(session)

    def text(self, words="The lights are out", *, at=None, sender=None, **fields):
        sender = sender or self.number.value
        message = InboundMessage(Medium.SMS, f"SM{next(_ids)}", sender, "+447700900000", words, **fields)
        return self._place(message, at)

    def mail(self, words="The lights are out", *, to="hello@reply.example.org", at=None, sender=MAILBOX, **fields):
        fields = {"subject": "Re: News"} | fields
        return self._place(InboundMessage(Medium.EMAIL, f"m{next(_ids)}", sender, to, words, **fields), at)

    def _place(self, message, at):
        at = at or self.now
        return place(self.session, message, arrival=Arrival(None, at), config=self.config, now=at)

    def broadcast(
        self, address, *, ago=dt.timedelta(hours=1), zones=(), title="Litter pick", status=DeliveryStatus.SENT
    ):
        at = self.now - ago
        dispatch = make_dispatch(self.session, created_at=at, released_at=at)
        broadcast = make_broadcast(self.session, zones=zones, title=title, dispatch=dispatch, released_at=at)
        content = make_content(self.session, dispatch, address.medium)
        make_delivery(self.session, address, content=content, status=status, created_at=at, sent_at=at)
        return broadcast

    def token(self, dispatch):
        return f"{keys.reply_token(self.config.secret_keys, dispatch.public_id)}@{self.config.inbound_domain}"

    def sent(self, purpose):
        query = (
            select(Content.text)
            .join(Delivery, Delivery.content_id == Content.id)
            .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
            .where(Dispatch.purpose == purpose)
            .order_by(Delivery.id)
        )
        return list(self.session.scalars(query))

    def thanks(self):
        return self.sent(Purpose.ACKNOWLEDGEMENT)
