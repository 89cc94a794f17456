"""A resident texts our number: keep it, handle keywords as the provider does, tell the app, show its answer."""

import secrets
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from peoplelink.channels.segments import count_segments
from peoplelink.clock import now
from peoplelink.sandbox.keywords import handle_keyword
from peoplelink.sandbox.records import Text
from peoplelink.sandbox.twilio_callbacks import try_notice
from peoplelink.sandbox.twilio_views import API_VERSION
from peoplelink.sandbox.webhooks import Answer, Notice
from peoplelink.sandbox.world import World

_XML_TYPES = frozenset({"text/xml", "application/xml"})
_BAD_TWIML = 12100
_BAD_TYPE = 12300
_OPTED_OUT = 21610


@dataclass(frozen=True)
class Heard:
    """What came of an inbound text: the app's status (None: it was not reached), and what the handset got back."""

    sid: str
    status: int | None
    replies: tuple[str, ...] = ()
    error: int | None = None  # Twilio's code for an answer it cannot use
    lost: bool = False  # a fault was ordered: never posted


async def hear_text(world: World, *, resident: str, body: str, media: tuple[str, ...] = ()) -> Heard:
    """Take a text from a handset and tell the app, as Twilio would; retries go on behind our back."""
    settings = world.settings
    text = _keep(world, resident, settings.number, body, origin="handset", media=media)
    outcome = handle_keyword(
        world.state, mode=settings.keywords, sender=settings.sender_key, resident=resident, body=body
    )
    if outcome.reply is not None:
        # The provider's own words pass its own block.
        _keep(world, settings.number, resident, outcome.reply, origin="provider")
    replies = () if outcome.reply is None else (outcome.reply,)
    if world.faults.strikes("lose_webhooks", (resident,)):
        return Heard(text.sid, None, replies, lost=True)
    notice = Notice(settings.twilio_inbound_url, _params(world, text, outcome.opt_out_type))
    if world.faults.strikes("duplicate_callbacks", (resident,)):
        world.agenda.put(settings.step_ms / 1000, _tell_again, world, text, notice)
    heard = await _tell(world, text, notice)
    return Heard(heard.sid, heard.status, replies + heard.replies, heard.error)


def _keep(world: World, sender: str, to: str, body: str, *, origin: str, media: tuple[str, ...] = ()) -> Text:
    inbound = origin == "handset"
    text = Text(
        sid=("MM" if media else "SM") + secrets.token_hex(16),
        origin=origin,
        to=to,
        sender=sender,
        body=body,
        accepted_at=now(),
        status="received" if inbound else "delivered",
        segments=max(count_segments(body).segments, 1),
        service_sid=world.settings.service_sid,
        media=media,
    )
    return world.state.add_text(text)


def _params(world: World, text: Text, opt_out_type: str | None) -> dict[str, str]:
    params = dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), text.sid) | {
        "AccountSid": world.settings.account_sid,
        "ApiVersion": API_VERSION,
        "Body": text.body,
        "From": text.sender,
        "FromCountry": "GB",
        "NumMedia": str(len(text.media)),
        "NumSegments": str(text.segments),
        "SmsStatus": "received",
        "To": text.to,
        "ToCountry": "GB",
    }
    # Empty outside the United States, yet sent, and signed.
    params |= dict.fromkeys(("FromCity", "FromState", "FromZip", "ToCity", "ToState", "ToZip"), "")
    for index, url in enumerate(text.media):
        params |= {f"MediaUrl{index}": url, f"MediaContentType{index}": "image/jpeg"}
    if world.settings.service_sid:
        params["MessagingServiceSid"] = world.settings.service_sid
    if opt_out_type:
        params["OptOutType"] = opt_out_type
    return params


async def _tell(world: World, text: Text, notice: Notice) -> Heard:
    answer, later = await try_notice(world, notice)
    if answer.ok and text.told_at is None:
        world.state.set_told(text, now())
    if later is not None:
        world.agenda.put(later.pause, _tell_again, world, text, later)
    replies, error = _read_answer(answer)
    sent = [reply for reply in replies if _answer_resident(world, text, reply)]
    if len(sent) < len(replies):
        error = _OPTED_OUT
    return Heard(text.sid, answer.status, tuple(sent), error)


async def _tell_again(world: World, text: Text, notice: Notice) -> None:
    await _tell(world, text, notice)


def _read_answer(answer: Answer) -> tuple[list[str], int | None]:
    """The words of each <Message> in a TwiML answer, or Twilio's code for an answer it cannot read."""
    if not answer.ok or not answer.body.strip():
        return [], None
    if answer.content_type not in _XML_TYPES:
        return [], _BAD_TYPE
    try:
        root = ET.fromstring(answer.body)  # noqa: S314 - the answer of our own app, on this machine
    except ET.ParseError:
        return [], _BAD_TWIML
    if root.tag != "Response":
        return [], _BAD_TWIML
    return [words for message in root.iter("Message") if (words := "".join(message.itertext()).strip())], None


def _answer_resident(world: World, text: Text, words: str) -> bool:
    """Deliver a TwiML reply; one to somebody who has opted out fails, as a create would."""
    settings = world.settings
    reply = _keep(world, settings.number, text.sender, words, origin="reply")
    if (settings.sender_key, text.sender) not in world.state.blocks:
        return True
    world.state.set_text_status(reply, "failed", now(), _OPTED_OUT)
    return False
