"""What SendGrid's Event Webhook tells: what became of each mail of a call, and in which order."""

import secrets
from collections.abc import Iterable
from typing import Any

import orjson

from peoplelink.clock import now
from peoplelink.sandbox.records import Call, Mail
from peoplelink.sandbox.world import World

_BOUNCE = {
    "reason": "550 5.1.1 The email account that you tried to reach does not exist.",
    "status": "5.1.1",
    "type": "bounce",
    "bounce_classification": "Invalid Address",
}
_DEFER_REASON = "451 4.7.1 Please try again later"
_DROP_REASON = "Bounced Address"
_OK_RESPONSE = "250 2.0.0 OK"


def report_call(world: World, call: Call) -> None:
    """Start telling what becomes of an accepted call."""
    world.agenda.put(_step(world), _process, world, call)


def resume_call(world: World, call: Call) -> None:
    """After a restart: go on where the journal ends."""
    if any(mail.status == "accepted" for mail in call.mails):
        report_call(world, call)
    waiting = [mail for mail in call.mails if mail.status in {"processed", "deferred"}]
    if waiting:
        world.agenda.put(_step(world), _finish, world, waiting)


def _step(world: World) -> float:
    return world.settings.step_ms / 1000


async def _process(world: World, call: Call) -> None:
    """Processed, or dropped by SendGrid itself."""
    if world.state.calls.get(call.id) is not call:
        return
    fresh = [mail for mail in call.mails if mail.status == "accepted"]
    dropped = [mail for mail in fresh if world.faults.strikes("rate_dropped", (mail.to,))]
    taken = _without(fresh, dropped)
    deferred = [mail for mail in taken if world.faults.strikes("rate_deferred", (mail.to,))]
    _settle(world, dropped, "dropped", {"reason": _DROP_REASON})
    _settle(world, taken, "processed", {})
    _settle(world, deferred, "deferred", {"response": _DEFER_REASON, "attempt": "1"})
    if taken:
        world.agenda.put(_step(world), _finish, world, taken)


async def _finish(world: World, mails: list[Mail]) -> None:
    """Delivered, or bounced; some of the delivered are reported as spam."""
    mails = [mail for mail in mails if world.state.mails.get(mail.id) is mail]
    bounced = [mail for mail in mails if world.faults.strikes("rate_bounce", (mail.to,))]
    delivered = _without(mails, bounced)
    _settle(world, bounced, "bounced", _BOUNCE)
    _settle(world, delivered, "delivered", {"response": _OK_RESPONSE, "tls": 1})
    # A spam report is a fact of its own: the mail has been delivered all the same.
    _tell(world, [m for m in delivered if world.faults.strikes("rate_spamreport", (m.to,))], "spamreport", {})


def _without(mails: list[Mail], taken: list[Mail]) -> list[Mail]:
    ids = {mail.id for mail in taken}
    return [mail for mail in mails if mail.id not in ids]


def _settle(world: World, mails: list[Mail], status: str, details: dict[str, Any]) -> None:
    world.state.set_mail_status(mails, status, details.get("reason"))
    _tell(world, mails, "bounce" if status == "bounced" else status, details)


def _tell(world: World, mails: Iterable[Mail], event: str, details: dict[str, Any]) -> None:
    """Put events into the batch that leaves next."""
    faults = world.faults
    timestamp = int(now().timestamp())
    for mail in mails:
        if faults.strikes("lose_webhooks", (mail.to,)):
            continue
        body = _event(mail, event, timestamp, details)
        copies = 2 if faults.strikes("duplicate_callbacks", (mail.to,)) else 1
        late = 1 if faults.strikes("shuffle_callbacks", (mail.to,)) else 0
        for copy in range(copies):
            world.events.add(body, batches_later=copy + late)


def _event(mail: Mail, event: str, timestamp: int, details: dict[str, Any]) -> bytes:
    """One event as JSON. custom_args stand at the top level, and SendGrid's own names win over ours."""
    categories = mail.call.categories
    fields: dict[str, Any] = {
        **mail.custom_args,
        "email": mail.to,
        "timestamp": timestamp,
        "event": event,
        "smtp-id": f"<{mail.call.id}@geopod-ismtpd-0>",
        "sg_event_id": secrets.token_urlsafe(24),
        "sg_message_id": mail.id,
        **details,
    }
    if categories:
        fields["category"] = categories[0] if len(categories) == 1 else categories
    # SendGrid escapes these three; a verifier that parses and writes again gets other bytes.
    return orjson.dumps(fields).replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")
