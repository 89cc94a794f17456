"""Twilio's own handling of STOP, START and HELP, in each of its modes (support article 223134027)."""

from dataclasses import dataclass

from peoplelink.sandbox.state import State

_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
_START = frozenset({"START", "YES", "UNSTOP"})
_HELP = frozenset({"HELP", "INFO"})

STOP_REPLY = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
START_REPLY = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELP_REPLY = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


@dataclass(frozen=True)
class KeywordOutcome:
    """What the provider does of its own accord; our webhook is called all the same."""

    reply: str | None = None
    opt_out_type: str | None = None  # sent with the webhook in advanced mode only


def handle_keyword(state: State, *, mode: str, sender: str, resident: str, body: str) -> KeywordOutcome:
    """Act on an exact one-word body, any case: "STOP please" is no keyword.

    Nobody is told twice that they have left or come back, so only a change is answered [a reading: the provider's pages
    do not say what a second STOP gets].
    """
    word = body.strip().upper()
    kind = _kind(word)
    if mode == "off" or kind is None:
        return KeywordOutcome()
    opt_out_type = kind if mode == "advanced" else None
    if kind == "STOP":
        changed = state.block(sender, resident)
        return KeywordOutcome(STOP_REPLY if changed else None, opt_out_type)
    if kind == "START":
        changed = state.unblock(sender, resident)
        return KeywordOutcome(START_REPLY if changed else None, opt_out_type)
    return KeywordOutcome(HELP_REPLY, opt_out_type)


def _kind(word: str) -> str | None:
    for kind, words in (("STOP", _STOP), ("START", _START), ("HELP", _HELP)):
        if word in words:
            return kind
    return None
