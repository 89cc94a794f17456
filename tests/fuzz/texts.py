"""Texts as Twilio might post them to us, good and bad."""

from urllib.parse import quote_from_bytes, urlencode

from tests.inbound.posts import sid

NUMBERS = [f"+4477009{number:05}" for number in range(40)]
ODD_SENDERS = (
    "", " ", "+", "60777", "PEOPLELINK", "+442079460000", "+12025550123", "+447700900000", "07700900123",
    "447700900123", "+44770090012345678901234567890", "whatsapp:+447700900123", "client:ash", "anonymous",
    "+44\x007700900123", "\uff0b\uff14\uff14\uff17\uff17\uff10\uff10", "+447700900123\r\nTo: +447700900124",
    "%2B447700900123", "😀", "'; DROP TABLE webhooks; --",
)  # fmt: skip
COMMANDS = (
    "STOP", "stop.", " Stop ", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "STOP NEWPARKS", "stop sport", "START",
    "unstop", "YES", "yes please", "Y", "NO", "HELP", "INFO", "JOIN", "JOIN NEWPARKS", "join new parks",
    "Join  newpark", "NEWPARKS", "LE3 6LF", "le36lf", "JOIN LE3 6LF", "JOIN ZZ99 9ZZ", "COALVILLE", "TOPICS",
    "ADD SPORT", "ADD", "LANG", "LANG PL", "LANG XX", "SETTINGS", "MYDATA", "TAK", "POMOC", "DOŁĄCZ NEWPARKS", "ہاں",
    "بند", "شروع", "مدد", "please stop texting me", "nie pisz do mnie więcej", "There is a fight outside the shop",
    "Dziękuję", "شکریہ", "PAUSE", "1", "?", "JOIN JOIN JOIN", "NEWPARKS COALVILLE",
    "leave", "leave new parks", "NEWPARKS STOP", "STOP NEWPARK", "LE3 9", "TEXT JOIN NEWPARKS", "no thanks", "nie",
    "JOIN NEWPARKS\nSent from my phone", "JOIN EVENTS", "STOP EVENTS", "STOP NEWS",
)  # fmt: skip
JUNK = (
    "\x00", "\x07\x1b[31m", "\u202e", "\u200b\u200d\ufeff", "👨‍👩‍👧‍👦", "é" * 70, "ß" * 160, "\r\n\r\n", "\t",
    "a" * 1600,
    "क" * 700, "<script>alert(1)</script>", "{{ 7 * 7 }}", "%(name)s {name} %s", "' OR 1=1 --", "\u0665\u0666",
    "Z" + "\u0351\u036b\u0343" * 30, "\ufffe\uffff", "STOP" * 400, " " * 1600,
)  # fmt: skip
RAW = (
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc3\x28",
    b"\xf0\x28\x8c\x28",
    b"\x80" * 50,
    b"caf\xe9",
    b"\xed\xb0\x80STOP",
    b"\x00STOP",
)
"""What is no UTF-8: lone surrogates, cut-off characters, other alphabets."""
NUMBERS_OF_MEDIA = ("0", "1", "2", "11", "-1", "999999999999999999999", "x", "", "٣", "1.5", "0x1", "²")
_EXTRA = (
    {"OptOutType": "STOP"}, {"OptOutType": "START"}, {"OptOutType": "HELP"}, {"OptOutType": "stop"},
    {"OptOutType": "💥"}, {"MediaUrl0": "https://example.org/a", "MediaContentType0": "image/jpeg"},
    {"MediaUrl0": "javascript:alert(1)"},
    {"MediaUrl0": "h" * 5000, "MediaContentType0": "x" * 5000}, {"ErrorCode": "30007"},
    {"SmsStatus": "received"},
    {"FromCity": "\x00", "FromZip": "😀"}, {"a" * 3000: "b"}, {"Body2": "STOP"},
)  # fmt: skip
_ODD_IDS = ("", "SM", "SM" + "0" * 32, "x" * 5000, "SM\x00", "😀", "MM00000000000000000000000000000001", "../../etc")


def text(dice):
    """The body of one post."""
    fields = [("MessageSid", _id(dice)), ("From", _sender(dice)), ("To", "+447700900000"), ("NumMedia", _media(dice))]
    fields += _chosen(dice, _EXTRA).items() if dice.random() < 0.2 else ()
    if dice.random() < 0.06:
        fields.remove(dice.choice(fields))
    if dice.random() < 0.05:
        fields += [dice.choice(fields), ("Body", dice.choice(COMMANDS))]
    dice.shuffle(fields)
    return urlencode(fields).encode() + b"&Body=" + _words(dice)


def _words(dice):
    """What was typed, coded as in a form; now and then not even that."""
    if dice.random() < 0.1:
        return quote_from_bytes(_chosen(dice, RAW) + dice.choice(COMMANDS).encode()).encode()
    return quote_from_bytes(_typed(dice).encode("utf-8", "surrogatepass")).encode()


def _typed(dice):
    words = dice.choice(COMMANDS)
    kind = dice.random()
    if kind < 0.4:
        return words
    if kind < 0.6:
        return _misspelt(dice, words)
    if kind < 0.8:
        return dice.choice((" ", "\n", ", ")).join(dice.choice((words, _chosen(dice, JUNK))) for _ in range(3))
    return "".join(
        chr(dice.choice((dice.randrange(32, 127), dice.randrange(0x10FFFF)))) for _ in range(dice.randrange(60))
    )


def _misspelt(dice, words):
    at = dice.randrange(len(words) + 1)
    return dice.choice((words[:at] + words[at + 1 :], words[:at] + "x" + words[at:], words.swapcase(), words[::-1]))


def _sender(dice):
    return _chosen(dice, ODD_SENDERS) if dice.random() < 0.1 else dice.choice(NUMBERS)


def _media(dice):
    return _chosen(dice, NUMBERS_OF_MEDIA) if dice.random() < 0.1 else "0"


def _id(dice):
    return _chosen(dice, _ODD_IDS) if dice.random() < 0.05 else sid()


def _chosen(dice, those):
    return dice.choice(those)
