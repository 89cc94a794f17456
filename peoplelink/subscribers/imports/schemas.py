"""One row of an import, checked by itself: what it must say, and in which forms."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate, validates_schema

from peoplelink.errors import InvalidInputError
from peoplelink.languages import LANGUAGES
from peoplelink.outbound.addresses import normalise_email, normalise_mobile
from peoplelink.subscribers.forms import NAME_LENGTH, tidy

_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y")
_OLDEST = dt.date(2000, 1, 1)
_MOST_NAMED = 20  # zones or topics of one person


class _Mobile(fields.Field[str]):
    def _deserialize(self, value: Any, *_args: Any, **_rest: Any) -> str:
        try:
            return normalise_mobile(str(value), fictional_allowed=self.context_allows)
        except InvalidInputError as err:
            raise ValidationError(str(err)) from err

    @property
    def context_allows(self) -> bool:
        """Whether numbers kept for films are let in."""
        return bool(self.root and getattr(self.root, "fictional_allowed", False))


class _Mailbox(fields.Field[str]):
    def _deserialize(self, value: Any, *_args: Any, **_rest: Any) -> str:
        try:
            return normalise_email(str(value))
        except InvalidInputError as err:
            raise ValidationError(str(err)) from err


class _Day(fields.Field[dt.date]):
    """A date as people here and their programs write it; the day comes before the month."""

    def _deserialize(self, value: Any, *_args: Any, **_rest: Any) -> dt.date:
        for form in _DATES:
            try:
                return dt.datetime.strptime(str(value).strip(), form).date()  # noqa: DTZ007 - a day has no time zone
            except ValueError:
                continue
        raise ValidationError("Write the date of consent like 2025-03-14 or 14/03/2025")


class _Names(fields.Field[list[str]]):
    """Several names in a cell, parted by semicolons, bars or commas."""

    def _deserialize(self, value: Any, *_args: Any, **_rest: Any) -> list[str]:
        text = str(value).replace("|", ";").replace(",", ";")
        names = [name.strip() for name in text.split(";") if name.strip()]
        if len(names) > _MOST_NAMED:
            raise ValidationError(f"Name at most {_MOST_NAMED} of them")
        return names


class _Language(fields.Field[str]):
    """A code or a name of a language that we have."""

    def _deserialize(self, value: Any, *_args: Any, **_rest: Any) -> str:
        wanted = str(value).strip().casefold()
        for language in LANGUAGES.values():
            if wanted in {language.code, language.name.casefold(), language.english.casefold()}:
                return language.code
        known = ", ".join(language.english for language in LANGUAGES.values())
        raise ValidationError(f"We do not have this language. There are: {known}")


def _said(what: str) -> dict[str, Any]:
    return {"required": f"The {what} is missing", "null": f"The {what} is missing"}


def _at_most(number: int, what: str, *, least: int = 1) -> validate.Length:
    return validate.Length(least, number, error=f"Write {least} to {number} characters for the {what}")


class RowSchema(Schema):
    """A person, and how we know that they agreed."""

    class Meta:
        """A file may hold columns that are not for us."""

        unknown = EXCLUDE

    mobile = _Mobile(load_default=None)
    email = _Mailbox(load_default=None)
    name = fields.String(
        load_default=None,
        validate=validate.Length(max=NAME_LENGTH, error=f"Use at most {NAME_LENGTH} characters for the name"),
    )
    zones = _Names(required=True, error_messages=_said("zone"))
    topics = _Names(load_default=list)
    language = _Language(load_default="en")
    source = fields.String(
        required=True, error_messages=_said("source of the consent"), validate=_at_most(200, "source")
    )
    date = _Day(required=True, error_messages=_said("date of consent"))
    wording = fields.String(
        required=True,
        error_messages=_said("exact wording of the consent"),
        validate=_at_most(3000, "wording", least=10),
    )

    def __init__(self, *, today: dt.date, fictional_allowed: bool) -> None:
        super().__init__()
        self.today, self.fictional_allowed = today, fictional_allowed

    @pre_load
    def _tidy(self, cells: Mapping[str, str], **_rest: Any) -> dict[str, str]:
        """Empty cells say nothing; a number or email in one column is told apart by its @."""
        row = {name: text for name, cell in cells.items() if (text := tidy(cell))}
        contact = row.pop("contact", None)
        if contact:
            row.setdefault("email" if "@" in contact else "mobile", contact)
        return row

    @validates_schema(skip_on_field_errors=False)
    def _check(self, row: Mapping[str, Any], **_rest: Any) -> None:
        if "date" in row and not _OLDEST <= row["date"] <= self.today:
            raise ValidationError("The date of consent must be a day from 2000 until today", "date")

    @validates_schema
    def _reachable(self, row: Mapping[str, Any], **_rest: Any) -> None:
        if not row.get("mobile") and not row.get("email"):
            raise ValidationError("There is neither a mobile number nor an email address")


def faults_of(error: ValidationError) -> list[str]:
    """What is wrong with a row, each once."""
    found = error.normalized_messages()  # type: ignore[no-untyped-call]
    return list(dict.fromkeys(str(text) for texts in found.values() for text in texts))


def in_sentences(faults: Sequence[str]) -> str:
    """Faults one after another, as a person reads them."""
    return ". ".join(faults) + "."
