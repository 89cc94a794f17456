"""The words of a message: the frame every text has, the merge field for a name, and Markdown made into an email."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import css_inline
import nh3
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from lxml.html import fragments_fromstring, tostring  # type: ignore[import-untyped]
from markdown_it import MarkdownIt

from peoplelink import languages
from peoplelink.channels.messages import Medium
from peoplelink.channels.replies import REPLY_MARKER
from peoplelink.channels.segments import count_segments, to_gsm
from peoplelink.errors import InvalidInputError
from peoplelink.languages import gettext as _
from peoplelink.languages import lazy_gettext
from peoplelink.outbound.plain_text import plain_text

WHO = "People Link"
HOW_TO_STOP = lazy_gettext("Reply STOP to leave.")
LEAVE_TAG = "-pl_leave-"
"""Stands in an email for the reader's own link to leave; replaced for each person by the channel."""
PREFERENCES_TAG = "-pl_preferences-"
"""Stands in an email for the page that sends readers the link to their choices; the same for all, so put in once."""

_FIELD = re.compile(r"\{name\|([^{}|<>]+)\}")
_ANY_FIELD = re.compile(r"\{[ ]*[a-z_]+[ ]*(?:\|[^{}]*)?\}", re.IGNORECASE)
_FILLED = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands, as often as it is long, for a field that is right, where the text is searched for what is not."""
_BROKEN = re.compile(
    rf"\{{ ?[a-z_{_FILLED}][^{{}}\s]*\}}*|\bname *\|[^{{}}\s|]*\}}|(?<!{_FILLED}){_FILLED}+\}}+", re.IGNORECASE
)
_STOP = re.compile(r"\bSTOP\b")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_TAGS = nh3.ALLOWED_TAGS - {"img", "map", "area", "article", "aside", "figure", "figcaption"}


@dataclass(frozen=True)
class Words:
    """What a message says by one medium in one language. An email's body is Markdown."""

    medium: Medium
    body: str = field(repr=False)
    subject: str = field(default="", repr=False)
    language: str = "en"


def frame_sms(text: str) -> str:
    """A broadcast's text as it is sent: says who it is from and how to stop, in characters that cost least."""
    text = to_gsm(text.replace("\r\n", "\n").strip())
    if not text.casefold().startswith(WHO.casefold()):
        text = f"{WHO}: {text}"
    if not _STOP.search(text):
        text = f"{text} {HOW_TO_STOP}"
    return text


def check_merge_fields(text: str) -> None:
    """Raises InvalidInputError unless every field in curly brackets is a name with a word for those who gave none."""
    for found in _ANY_FIELD.findall(text):
        if not _FIELD.fullmatch(found):
            raise InvalidInputError(
                f"Change {found}: the only thing that can be filled in is the name, written {{name|friend}}. "
                "The word after the line is used for people who gave no name."
            )
    broken = _BROKEN.search(_FIELD.sub(lambda match: _FILLED * len(match[0]), text))
    if broken:
        raise InvalidInputError(
            f"Change {text[broken.start() : broken.end()]}: curly brackets are for the name only, written "
            "{name|friend}, with one bracket on each side. The word after the line is used for people who gave no name."
        )


def has_merge_fields(text: str) -> bool:
    """Whether the text is different for each person."""
    return bool(_FIELD.search(text))


def fill(text: str, name: str | None) -> str:
    """`text` for one person, or for one who gave no name."""
    return _FIELD.sub(lambda match: name or match[1], text)


def segments_of(words: Words) -> int:
    """Segments of a text with every field at its fallback; 1 for an email."""
    return count_segments(fill(words.body, None)).segments if words.medium is Medium.SMS else 1


@cache
def _markdown() -> MarkdownIt:
    # A new line is a new line: officers do not expect two spaces to matter.
    return MarkdownIt("commonmark", {"breaks": True})


def email_html(body: str, *, at_work: bool = False) -> str:
    """Markdown as the HTML of an email: cleaned, styled within its elements, with the way out at the end.

    An officer who gets it `at_work` has nothing to leave. What stands around it is in the language spoken just now,
    which must be that of the body.
    """
    clean = _each_its_own_way(nh3.clean(_markdown().render(body), tags=_TAGS))
    page = _template().render(
        body=clean, leave="" if at_work else LEAVE_TAG, preferences=PREFERENCES_TAG, marker=REPLY_MARKER,
        language=languages.current(),
    )  # fmt: skip
    return css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False).inline(page)


def _each_its_own_way(markup: str) -> str:
    """Where words run from right to left, paragraphs and lists without such a word run from left to right.

    A digest in Urdu holds broadcasts in English, whose full stops would else stand at the wrong end.
    """
    if languages.current().direction == "ltr":
        return markup
    parts = fragments_fromstring(markup)
    for part in parts:
        if not isinstance(part, str) and not _RIGHT_TO_LEFT.search(part.text_content()):
            part.set("dir", "ltr")
    return "".join(html.escape(part) if isinstance(part, str) else tostring(part, encoding="unicode") for part in parts)


def email_text(body: str, *, at_work: bool = False) -> str:
    """The text part of an email: its words without marks, with the way out at the end, as in `email_html`."""
    # No "-- " line before the foot: mail programs would take the way out for a signature and hide it.
    foot = [_("People Link, from the Police and Crime Commissioner's office")]
    if not at_work:
        foot.append(_("To change what you get: %(link)s", link=PREFERENCES_TAG))
        foot.append(_("To leave: %(link)s", link=LEAVE_TAG))
    return "\n".join((f"{REPLY_MARKER}\n\n{plain_text(_markdown(), body)}\n\n---", *foot, ""))


@dataclass(frozen=True)
class Tagged:
    """An email's part with merge fields turned into tags that the provider replaces."""

    text: str
    fallbacks: dict[str, str]
    """What each tag says to somebody without a name."""


def tag_fields(text: str, *, prefix: str) -> Tagged:
    """Turn each merge field into a tag of its own: fields may have different fallbacks."""
    fallbacks: dict[str, str] = {}

    def tag(match: re.Match[str]) -> str:
        name = f"-pl_{prefix}{len(fallbacks)}-"
        fallbacks[name] = match[1]
        return name

    return Tagged(_FIELD.sub(tag, text), fallbacks)


def substitutions(tagged: Tagged, name: str | None, *, escape: bool) -> dict[str, str]:
    """What each tag says to one person; escaped for HTML, where a name may hold a bracket."""
    clean: Callable[[str], str] = html.escape if escape else str
    return {tag: clean(name) if name else fallback for tag, fallback in tagged.fallbacks.items()}


@cache
def _template() -> Template:
    environment = Environment(loader=PackageLoader("peoplelink"), autoescape=True, undefined=StrictUndefined)
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(languages.gettext, languages.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return environment.get_template("email/message.html")
