"""What an officer does on the pages of data rights, and what the log then says."""

from sqlalchemy import select

from peoplelink.audit import AuditEvent
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
