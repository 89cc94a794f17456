"""The words of STOP, START, HELP, YES and JOIN in the languages that residents choose; English holds in all of them.

Twilio's own English lists are in `commands`: it acts on those by itself. Of these it knows nothing (unless its Advanced
Opt-Out has been taught them, and then it says so), so we answer them in every mode. Each word is a whole text: the
Polish "koniec" is an order, "koniec ulicy zalany" is not; only JOIN has a name beside it. Roman letters too, since many
write Urdu with them; "band" alone is left out, for in English it plays music.
"""

from peoplelink.subscribers.keywords import squeeze

_STOP = {
    "pl": (
        "wypisz",
        "wypisz mnie",
        "rezygnuję",
        "rezygnacja",
        "koniec",
        "przestań",
        "przestać",
        "przestańcie",
        "zatrzymaj",
        "anuluj",
    ),
    "ur": (
        "بند",
        "بند کریں",
        "بند کرو",
        "بند کر دیں",
        "روکیں",
        "روک دیں",
        "رکو",
        "رک جائیں",
        "سٹاپ",
        "اسٹاپ",
        "میسج نہ بھیجیں",
        "پیغام نہ بھیجیں",
        "مجھے میسج نہ بھیجیں",
        "مجھے پیغام نہ بھیجیں",
        "ختم",
        "ختم کریں",
        "band karo",
        "band karein",
        "band kar do",
    ),
}
_START = {"pl": ("wznów", "zacznij"), "ur": ("شروع", "شروع کریں", "shuru", "shuru karo")}
_HELP = {"pl": ("pomoc",), "ur": ("مدد", "madad")}
_YES = {"pl": ("tak",), "ur": ("ہاں", "جی", "جی ہاں", "haan", "ji haan")}
_NO = {"pl": ("nie",), "ur": ("نہیں", "جی نہیں", "nahi", "nahin")}
_JOIN = {
    # Many a phone has no "ł", and its letter l is not an l with something added, as "ą" is an a.
    "pl": ("dołącz", "dolacz", "dołączam", "dolaczam", "dołączyć", "dolaczyc", "zapisz", "zapisuję"),
    "ur": ("شامل", "shamil", "shaamil"),
}
_AROUND_JOIN = {
    "pl": ("chcę", "chciałbym", "chcialbym", "chciałabym", "chcialabym", "mnie", "się", "do"),
    "ur": ("مجھے", "میں", "کریں", "کرو", "کر", "دیں", "ہونا", "mujhe", "mein", "karein", "karo", "hona"),
}


def _by_word(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {squeeze(word): language for language, listed in words.items() for word in listed}


STOP, START, HELP, YES, NO, JOIN = map(_by_word, (_STOP, _START, _HELP, _YES, _NO, _JOIN))
"""Each word as `keywords.squeeze` leaves it, and its language."""
POLITE = frozenset(map(squeeze, ("proszę", "dziękuję", "dzięki", "dziękuje", "شکریہ", "shukria")))
AROUND_JOIN = frozenset(_by_word(_AROUND_JOIN))
"""Said around a JOIN and a zone's name, and no part of the name: "chcę dołączyć do New Parks"."""
NAMES = frozenset(map(squeeze, ("شامل", "shamil", "shaamil")))
"""Also what people are called: alone it may answer "what is your name?", and a person reads it."""
NOT = frozenset(map(squeeze, ("nie", "نہیں", "nahi", "nahin")))
"""With one of these a JOIN is none: "nie chcę dołączyć do New Parks"."""
