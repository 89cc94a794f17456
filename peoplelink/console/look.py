"""What every template may use: where macros are found, filters for words and dates, names of the service."""

import datetime as dt
from typing import Any, ClassVar

import phonenumbers
from babel.dates import format_date
from flask import Flask, request, url_for
from flask_login import current_user
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader

from peoplelink import clock, languages, page_language
from peoplelink.catalogues.drafts import Drafts
from peoplelink.config import Config

SERVICE_NAME = "People Link"
OFFICE_NAME = "Office of the Police and Crime Commissioner for Leicester, Leicestershire and Rutland"
OFFICE_LINE = languages.marked("from the Police and Crime Commissioner’s office")  # noqa: RUF001 - a proper apostrophe
_SHOWN_DIGITS = 4

_NAVIGATION = (
    ("/officer", "Home", "broadcasts.read", ()),
    (
        "/officer/sign-up",
        "Sign-ups",
        "residents.sign_up",
        ("/officer/imports", "/officer/partners", "/officer/posters"),
    ),
    ("/officer/broadcasts", "Broadcasts", "broadcasts.read", ()),
    ("/officer/inbox", "Inbox", "inbox.read", ("/officer/conversations",)),
    ("/officer/unplaced", "Unplaced", "inbox.read", ()),
    ("/officer/reports", "Reports", "reports.read", ()),
    ("/officer/zones", "Zones", "zones.manage", ("/officer/leavings",)),
    ("/officer/rights", "Data rights", "rights.manage", ()),
    ("/officer/languages", "Languages", "languages.manage", ()),
    ("/officer/sending", "Sending", "sending.manage", ()),
)
"""Address, words, the permission that shows it, and other addresses that belong to it."""


def set_up(app: Flask) -> None:
    """Teach the application's templates the look. After web.set_up, which gives it its parts."""
    packages = {
        "govuk_frontend_jinja": _InEveryLanguage("govuk_frontend_jinja"),
        "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
    }
    ours = FileSystemLoader(f"{app.root_path}/templates")
    app.jinja_loader = ChoiceLoader([ours, PrefixLoader(packages)])
    WTFormsHelpers(app)
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(languages.gettext, languages.ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(
        london=london, london_time=london_time, masked=masked, count_of=count_of, national=national
    )
    app.jinja_env.globals.update(
        page_url=page_url,
        officer_navigation=officer_navigation,
        language_choices=page_language.choices,
        languages=languages.LANGUAGES,
    )
    app.jinja_env.globals["page_is_draft"] = Drafts(app.extensions["peoplelink"].database).is_one
    config: Config = app.extensions["peoplelink"].config
    app.context_processor(lambda: _names(config))


def _names(config: Config) -> dict[str, Any]:
    return {
        # Lazy: who is signed in is read from the database when a template first asks, so error pages never do.
        "current_user": current_user,
        "service_name": SERVICE_NAME,
        "office_name": OFFICE_NAME,
        "office_line": languages.gettext(OFFICE_LINE),
        "language": languages.current(),
        "reply_number": config.reply_number,
        "join_mailbox": f"join@{config.inbound_domain}",  # every name of the domain comes to us
        "public_url": config.public_url,
        "sandboxed": config.sandboxed,
        "year": clock.in_london(clock.now()).year,
    }


class _InEveryLanguage(PackageLoader):
    """The Design System's templates, with what they have no place for.

    The frame does not say in which direction a language is written, and the word before an error is English.
    """

    MENDED: ClassVar = {
        "template.html": ("<html lang=", '<html dir="{{ language.direction }}" lang='),
        "components/error-message/macro.html": ('default("Error")', 'default(_("Error"))'),
    }

    def get_source(self, environment: Environment, template: str) -> Any:
        """A template's text. Fails loudly should a new edition of a mended one read otherwise."""
        source, *rest = super().get_source(environment, template)
        if template in self.MENDED:
            ours = source.replace(*self.MENDED[template])
            assert ours != source, f"{template} of the Design System has changed: see how to mend it"
            source = ours
        return source, *rest


def london(moment: dt.datetime | dt.date | None) -> str:
    """A moment as people here say it: "Saturday 14 March, 2pm"; with the year when it is not this one.

    A date has no time; None is an empty text. Raises ValueError for a moment without a time zone.
    """
    if moment is None:
        return ""
    if isinstance(moment, dt.datetime) and moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    if languages.current() is not languages.ENGLISH:
        return _in_their_language(moment)
    if not isinstance(moment, dt.datetime):
        return _day(moment)
    here = clock.in_london(moment)
    return f"{_day(here)}, {_time(here)}{_which(here)}"


def london_time(moment: dt.datetime) -> str:
    """The time of a moment within the next day, as a clock shows it: "08:00"; with its day when it is further off."""
    here, today = clock.in_london(moment), clock.in_london(clock.now())
    is_near = here.date() - today.date() <= dt.timedelta(days=1)
    return f"{here:%H:%M}" if is_near else london(moment)


def _which(here: dt.datetime) -> str:
    """Which of two is meant, where a time comes twice because the clocks go back."""
    if here.replace(fold=0).utcoffset() == here.replace(fold=1).utcoffset():
        return ""
    return (
        " (the second time, after the clocks go back)" if here.fold else " (the first time, before the clocks go back)"
    )


def _in_their_language(moment: dt.datetime | dt.date) -> str:
    """As a calendar and a clock in London show it, in the language spoken."""
    locale = languages.current().locale
    if not isinstance(moment, dt.datetime):
        return format_date(moment, "full", locale=locale)
    here = clock.in_london(moment)
    return f"{format_date(here, 'full', locale=locale)}, {here:%H:%M}"


def _day(day: dt.date) -> str:
    year = "" if day.year == clock.in_london(clock.now()).year else f" {day.year}"
    return f"{day:%A} {day.day} {day:%B}{year}"


def _time(moment: dt.datetime) -> str:
    if moment.minute == 0 and moment.hour % 12 == 0:
        return "midday" if moment.hour else "midnight"
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}{'am' if moment.hour < 12 else 'pm'}"  # noqa: PLR2004


def masked(value: str | None) -> str:
    """A number or a mailbox with its middle hidden: 07•••• ••3456, r•••@example.org. Empty for None (erased)."""
    if not value:
        return ""
    if "@" in value:
        name, _, domain = value.rpartition("@")
        return f"{name[:1]}•••@{domain}"
    start = "07••••" if value.startswith("+447") else "••••••"
    return f"{start} ••{value[-_SHOWN_DIGITS:]}"


def national(number: str | None) -> str:
    """A number in E.164 as people here write it: 07400 123456, 0116 326 0000. A short code comes back as it is."""
    if not number or not number.startswith("+"):
        return number or ""
    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def count_of(number: int, one: str, many: str = "") -> str:
    """A count with its word, such as 1,204 people; the plural adds an s unless it is given."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def page_url(page: int) -> str:
    """The address of another page of the list on screen, with its filters kept."""
    arguments: dict[str, Any] = {**request.args.to_dict(flat=False), **(request.view_args or {}), "page": page}
    return url_for(request.endpoint or "", **arguments)


def officer_navigation() -> list[dict[str, Any]]:
    """What whoever is signed in may open, with the part they are in marked."""
    return [
        {"href": address, "text": words, "active": _is_in(address, others)}
        for address, words, permission, others in _NAVIGATION
        if permission is None or current_user.allows(permission)
    ]


def _is_in(address: str, others: tuple[str, ...]) -> bool:
    if address == "/officer":
        return request.path.rstrip("/") == address
    return any(f"{request.path}/".startswith(f"{part}/") for part in (address, *others))
