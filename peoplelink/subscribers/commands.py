"""Reading a text for what it orders, from its words alone: no database, no state.

Only a text that is nothing but the order counts ("Count me in, we have to STOP this" orders nothing), give or take
politeness: "stop please", "Yes, thank you!". What is not understood is read by a person.
"""

import itertools
import re
from dataclasses import dataclass
from enum import StrEnum

from peoplelink.subscribers import order_words, plain_stop
from peoplelink.subscribers.keywords import squeeze, words_of

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
YES_WORDS = frozenset({"YES"})
"""Twilio's own lists, which it acts upon by itself unless told otherwise (support article 223134027). YES starts again
too, but is also the natural answer to a question: on a list of its own."""

TOPICS_WORDS = frozenset({"TOPICS", "TOPIC"})
SETTINGS_WORDS = frozenset({"SETTINGS", "MYSETTINGS", "PREFS", "PREFERENCES", "MYPREFERENCES", "MYDATA", "PAUSE"})
"""Answered with a link to the preference centre, which has breaks (PAUSE) and shows what we hold (MYDATA) as well."""

_LONGEST = 160
"""Characters of the longest order: one text. More is a message for a person."""
_POLITE = frozenset(
    {"PLEASE", "PLS", "PLZ", "THANKS", "THANK", "YOU", "THX", "TA", "NOW", "OK", "OKAY", "HI", "HELLO", "SORRY"}
    | order_words.POLITE
)
_STOP_WHAT = frozenset(
    {
        "ALL",
        "ME",
        "IT",
        "THIS",
        "THESE",
        "THE",
        "TEXT",
        "TEXTS",
        "TEXTING",
        "MESSAGE",
        "MESSAGES",
        "MESSAGING",
        "SENDING",
        "KARO",  # "do", after the English word, as Urdu has it
        "KAREIN",
    }
)
_YES = frozenset({"YES", "Y", "YEP", "YEAH", "YUP", "YESS", *order_words.YES})
_NO = frozenset({"NO", "NOPE", "NAH"})
_YES_WHAT = frozenset({"I", "DO", "AGREE", "WANT", "TO", "JOIN", "ME", "IN", "SIGN", "UP"})
_STOP_ABOUT = frozenset({"STOP", "UNSUBSCRIBE", "OPTOUT"})
_JOIN_TOO = frozenset({"SUBSCRIBE", "REGISTER", "SIGNUP"})
_JOIN_MISSPELT = frozenset({"JION", "JOING", "JOINT", "JOIM", "JOIIN", "JON", "JIN", "JOYN", "JOUN", "JONI", "JPIN"})
_BEFORE_JOIN = frozenset(
    {"TEXT", "SMS", "I", "ID", "WE", "WOULD", "LIKE", "WANT", "WANNA", "TO", "CAN", "COULD", "MAY", "LET", "ME"}
)
"""Said before JOIN and meaning nothing more: "I would like to join New Parks", or "TEXT JOIN ..." off a poster."""
_JOIN_WHOM = frozenset({"IN", "US", "YOU", "IT", "THIS"})
_LANGUAGE = frozenset({"LANG", "LANGUAGE", squeeze("język"), squeeze("زبان")})
_MOST_LANGUAGE = 3
_MOST_WORDS = 5
"""Words after STOP or JOIN that may still be a zone's name."""
_MOST_JOINED = 10
"""Words after JOIN that may still name zones, several of them."""
_SIGNATURE = re.compile(r"\n\s*(?:sent from|get outlook for)\b[^\n]*\s*$", re.IGNORECASE)
"""What phones put below a message."""


class Order(StrEnum):
    """What a text orders."""

    STOP = "stop"
    STOP_ABOUT = "stop about"  # something follows STOP: perhaps a zone
    START = "start"
    HELP = "help"
    YES = "yes"
    NO = "no"
    JOIN = "join"
    TOPICS = "topics"
    ADD = "add"
    LANGUAGE = "language"
    SETTINGS = "settings"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Command:
    """An order, and what follows it."""

    order: Order
    rest: str = ""
    guess: bool = False
    """JOIN runs into what follows ("joinnewparks", but also "joining"), is misspelt, or stands within a sentence,
    LANGUAGE is part of one, or leaving is said without STOP before it ("leave New Parks", "New Parks stop"): it is an
    order only if the rest is a zone, or comes close to one where it is to join, or is a language."""
    language: str | None = None
    """Of the word, where it is not English."""


def exact_stop(text: str) -> bool:
    """Whether a text is nothing but a STOP word, Twilio's or one of another language.

    Any case, spaces, punctuation and emoji are forgiven: "Stop.", "opt-out" and "STOP ALL" are; "stop please" is not
    (`read` understands it later).
    """
    return len(text) <= _LONGEST and squeeze(text) in STOP_WORDS | order_words.STOP.keys()


def is_word(text: str, words: frozenset[str]) -> bool:
    """Whether Twilio itself would take this text for one of its words: alone, any case, no punctuation."""
    return text.strip().upper() in words


def read(text: str) -> Command:
    """What a text orders."""
    if len(text) > _LONGEST:
        return Command(Order.NOTHING)
    text = _SIGNATURE.sub("", text)
    words = _without_politeness(words_of(text))
    ordered = _whole(squeeze(text)) or _stop(words) or _agree(words) or _refuse(words) or _choose(words)
    return ordered or _agree_above_a_name(text) or Command(Order.NOTHING)


def _whole(word: str) -> Command | None:
    """An order that is the whole text. HELP with a word more ("help me") may be a cry for help: a person reads it."""
    if word in STOP_WORDS | order_words.STOP.keys():
        return Command(Order.STOP, language=order_words.STOP.get(word))
    if word in HELP_WORDS | order_words.HELP.keys():
        return Command(Order.HELP, language=order_words.HELP.get(word))
    if word in TOPICS_WORDS:
        return Command(Order.TOPICS)
    return Command(Order.SETTINGS) if word in SETTINGS_WORDS else None


def _without_politeness(words: list[str]) -> list[str]:
    return [word for word in words if word not in _POLITE]


def _stop(words: list[str]) -> Command | None:
    if words[:2] == ["OPT", "OUT"]:
        words = ["OPTOUT", *words[2:]]
    if (word := "".join(words)) in order_words.STOP:
        return Command(Order.STOP, language=order_words.STOP[word])
    if not words or words[0] not in STOP_WORDS:
        return _stop_run_together(words) or _stop_around(words)
    rest = [word for word in words[1:] if word not in _STOP_WHAT]
    if not rest:
        return Command(Order.STOP)
    if words[0] in _STOP_ABOUT and len(rest) <= _MOST_WORDS:
        return Command(Order.STOP_ABOUT, " ".join(rest))
    return None


def _stop_run_together(words: list[str]) -> Command | None:
    if len(words) == 1 and words[0].startswith("STOP"):
        rest = words[0].removeprefix("STOP")
        return Command(Order.STOP) if rest in _STOP_WHAT else Command(Order.STOP_ABOUT, rest)
    return None


def _stop_around(words: list[str]) -> Command | None:
    """Leaving said in other order: "leave New Parks", "New Parks stop"."""
    if not 1 < len(words) <= _MOST_WORDS + 1:
        return None
    if words[0] == "LEAVE":
        return Command(Order.STOP_ABOUT, " ".join(words[1:]), guess=True)
    return Command(Order.STOP_ABOUT, " ".join(words[:-1]), guess=True) if words[-1] in {"STOP", "UNSUBSCRIBE"} else None


def _refuse(words: list[str]) -> Command | None:
    word = "".join(words)
    return Command(Order.NO, language=order_words.NO.get(word)) if word in _NO | order_words.NO.keys() else None


def _agree(words: list[str]) -> Command | None:
    word = "".join(words)
    if word in START_WORDS | order_words.START.keys():
        return Command(Order.START, language=order_words.START.get(word))
    if word in _YES or (words and words[0] in _YES and all(word in _YES | _YES_WHAT for word in words)):
        return Command(Order.YES, language=order_words.YES.get(words[0]))
    return None


def _agree_above_a_name(text: str) -> Command | None:
    """A YES on a line of its own, with a name under it, or what a phone puts there: "Sent from my phone"."""
    first, _, below = text.strip().partition("\n")
    if not below or len(words_of(below)) > _MOST_WORDS:
        return None
    found = _agree(_without_politeness(words_of(first)))
    return found if found and found.order is Order.YES else None


def _choose(words: list[str]) -> Command | None:
    if words[:1] == ["ADD"] and len(words) <= _MOST_WORDS + 1:
        return Command(Order.ADD, " ".join(words[1:]))
    if words and words[0] in _LANGUAGE and len(words) <= _MOST_LANGUAGE:
        return Command(Order.LANGUAGE, " ".join(words[1:]), guess=words[0] != "LANG")
    return _join(words) or _join_in_another_language(words)


def _join_in_another_language(words: list[str]) -> Command | None:
    """JOIN stands anywhere: in Urdu it comes after the name. With anything beside it, only a name makes it an order."""
    language = next(filter(None, map(order_words.JOIN.get, words)), None)
    rest = [word for word in words if word not in order_words.JOIN.keys() | order_words.AROUND_JOIN]
    if language is None or len(rest) > _MOST_WORDS or not order_words.NOT.isdisjoint(rest):
        return None
    if order_words.NAMES.issuperset(words):
        return None
    return Command(Order.JOIN, " ".join(rest), guess=bool(rest), language=language)


def _join(words: list[str]) -> Command | None:
    said = list(itertools.dropwhile(_BEFORE_JOIN.__contains__, words))
    within = len(said) < len(words)
    if said[:1] == ["SIGN"]:
        said = ["SIGNUP", *(word for word in said[1:] if word not in {"UP", "ME"})]
    if not said or len(said) > _MOST_JOINED + 1 or (within and not set(said[1:]) - _JOIN_WHOM):
        return None
    first, rest = said[0], " ".join(said[1:])
    if first in _JOIN_TOO | _JOIN_MISSPELT:
        return Command(Order.JOIN, rest, guess=bool(rest) or first in _JOIN_MISSPELT)
    if first == "JOIN":
        return Command(Order.JOIN, rest, guess=within or len(said) > _MOST_WORDS + 1)
    if first.startswith("JOIN") and not within:
        return Command(Order.JOIN, " ".join([first.removeprefix("JOIN"), *said[1:]]), guess=True)
    return None


def means_stop(text: str) -> bool:
    """Whether a text asks us to stop, in these or other words ("please stop texting me"). Looks at nothing else."""
    return read(text).order is Order.STOP or plain_stop.asks_to_stop(text)
