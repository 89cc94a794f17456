"""What an officer does on the pages of data rights, and what the log then says."""

from sqlalchemy import select

from peoplelink.audit import AuditEvent
from peoplelink.outbound.models import Address, Content, Delivery, Dispatch
from peoplelink.outbound.states import Purpose
from peoplelink.rights.models import RightsRequest
from tests.pages import csrf_token
from tests.rights import life

HOME = "/officer/rights"


def post(client, path, **fields):
    return client.post(path, data={**fields, "csrf_token": csrf_token(client, HOME)})


def find(client, address=life.NUMBER, reason="asked for a copy"):
    return post(client, f"{HOME}/find", address=address, reason=reason)


def actions(runtime, start="rights."):
    with runtime.database.read() as session:
        wanted = select(AuditEvent).where(AuditEvent.action.startswith(start)).order_by(AuditEvent.id)
        return [(event.action, event.detail) for event in session.scalars(wanted)]


def sent(runtime, purpose=Purpose.RIGHTS):
    with runtime.database.read() as session:
        rows = session.execute(
            select(Address.value, Content.text)
            .select_from(Delivery)
            .join(Address, Address.id == Delivery.address_id)
            .join(Content, Content.id == Delivery.content_id)
            .join(Dispatch, Dispatch.id == Delivery.dispatch_id)
            .where(Dispatch.purpose == purpose)
        )
        return [tuple(row) for row in rows]


def only(runtime):
    with runtime.database.read() as session:
        return session.scalars(select(RightsRequest)).one()
