"""The language of a page: what the reader asks for, has chosen before, or tells their browser; else English.

`?lang=pl` chooses, and the session's cookie remembers it until the browser is closed: nothing else has to be in the
address of any page, and it works without JavaScript. Officers' pages are in English.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, Response, g, request
from flask import session as cookie

from peoplelink import languages
from peoplelink.languages import ENGLISH, LANGUAGES, Language

_CHOICE = "lang"
"""In the address of a page, and in the cookie."""
_OFFICERS = "/officer"
_FRAMED = "/embed/"
"""Pages in a frame on another site: no browser keeps our cookie there, so the address goes on saying the language."""


@dataclass(frozen=True)
class Choice:
    """A language that a page can be read in."""

    language: Language
    address: str
    """Of the same page; relative, so that no path can make it another site's."""
    chosen: bool


def set_up(app: Flask) -> None:
    """Speak the reader's language while a request lasts. Called before what may refuse requests: that is said in it."""
    app.before_request(_begin)
    app.after_request(_say_which)
    app.teardown_request(_end)


def choices() -> Iterator[Choice]:
    """The languages that the page on screen can be read in; none for officers."""
    if _for_officers():
        return
    others = {name: values for name, values in request.args.to_dict(flat=False).items() if name != _CHOICE}
    for code, language in LANGUAGES.items():
        address = "?" + urlencode({_CHOICE: code, **others}, doseq=True)
        yield Choice(language, address, chosen=language is languages.current())


def _begin() -> None:
    if request.endpoint != "static":
        g.language = ExitStack()
        g.language.enter_context(languages.speaking(_wanted()))


def _end(_error: BaseException | None) -> None:
    # A thread serves one reader after another, and must not speak to the next in the language of the last.
    spoken = g.pop("language", None)
    if spoken is not None:
        spoken.close()


def _wanted() -> str:
    if _for_officers():
        return ENGLISH.code
    asked = request.args.get(_CHOICE, "")
    if asked not in LANGUAGES:
        return _remembered() or _understood() or ENGLISH.code
    if asked != _remembered() and not request.path.startswith(_FRAMED):
        cookie[_CHOICE] = asked
    return asked


def _remembered() -> str | None:
    chosen = cookie.get(_CHOICE)
    return chosen if chosen in LANGUAGES else None


def _understood() -> str | None:
    """The first of ours among the languages that the browser names, whatever country's it is ("ur-PK")."""
    named = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((code for code in named if code in LANGUAGES), None)


def _for_officers() -> bool:
    return f"{request.path}/".startswith(f"{_OFFICERS}/")


def _say_which(response: Response) -> Response:
    if "language" in g and not _for_officers() and response.mimetype == "text/html":
        response.headers["Content-Language"] = languages.current().tag
        response.vary.update(("Accept-Language", "Cookie"))
    return response
