"""Languages: which there are, which one is spoken just now, and the words of each.

The language of a page, a text or an email is that of whoever reads it. `speaking` sets it for a while; `gettext` and
what templates call `_` look there. It knows neither Flask nor a database, so that a job answers a text in the same
words as a page. English is the language of the code, and what any other falls back to, message by message.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from babel.lists import format_list
from babel.messages import mofile, pofile
from babel.support import LazyProxy, NullTranslations, Translations

FOLDER = Path(__file__).parent / "translations"


@dataclass(frozen=True)
class Language:
    """One that residents may choose."""

    code: str
    """ISO 639-1, as in `lang`."""
    name: str
    """Its own, as its speakers write it."""
    english: str
    direction: str = "ltr"
    region: str = ""
    """Where it is spoken as we speak it, where that makes a difference to dates and lists."""

    @property
    def tag(self) -> str:
        """What stands in `lang` (BCP 47)."""
        return f"{self.code}-{self.region}" if self.region else self.code

    @property
    def locale(self) -> str:
        """Its name in Babel."""
        return self.tag.replace("-", "_")


ENGLISH = Language("en", "English", "English", region="GB")
LANGUAGES = {
    language.code: language
    for language in (ENGLISH, Language("pl", "Polski", "Polish"), Language("ur", "اردو", "Urdu", "rtl"))
}
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH.code)


def current() -> Language:
    """The language spoken just now."""
    return LANGUAGES[_spoken.get()]


def page_in(url: str, code: str) -> str:
    """The address of a page of ours (one that asks for nothing else), to be read in a language."""
    return url if code == ENGLISH.code else f"{url}?lang={code}"


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Speak a language for a while; one we do not have is English."""
    token = _spoken.set(code if code in LANGUAGES else ENGLISH.code)
    try:
        yield current()
    finally:
        _spoken.reset(token)


def gettext(message: str, **values: object) -> str:
    """A message in the language spoken, with `%(name)s` filled in; in English where it has not been translated."""
    said = _catalogue(_spoken.get()).gettext(message)
    return said % values if values else said


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    """Like `gettext`, with the form of the word that goes with a number (`%(num)s`); Polish has three of them."""
    said = _catalogue(_spoken.get()).ngettext(one, many, number)
    return said % {"num": number, **values}


def lazy_gettext(message: str) -> str:
    """A message that is put into words when it is shown, such as the label of a form that is made at import.

    Called a text, since it is used as one; where it must really be one (a database, a library in C) write `str(...)`.
    """
    return cast(str, LazyProxy(gettext, message, enable_cache=False))


def marked(message: str) -> str:
    """A message that is translated elsewhere, by `gettext` of a variable: marks it for whoever collects messages."""
    return message


def listed(names: Sequence[str], *, last: Literal["and", "or"] = "and") -> str:
    """Names as a person says them: "Bell Foundry, Coalville and New Parks"."""
    return format_list(list(names), style="or" if last == "or" else "standard", locale=current().locale)


def path_of(code: str) -> Path:
    """Where the catalogue of a language is kept."""
    return FOLDER / code / "LC_MESSAGES" / "messages.po"


@cache
def _catalogue(code: str) -> NullTranslations:
    path = path_of(code)
    if not path.exists():
        return NullTranslations()
    # Read as it is written: a compiled copy would be a second thing to keep in step.
    compiled = io.BytesIO()
    with path.open("rb") as file:
        mofile.write_mo(compiled, pofile.read_po(file, locale=code))
    compiled.seek(0)
    return Translations(compiled)
