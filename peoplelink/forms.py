"""What every form of ours starts from: errors in plain English, and text that every database stores."""

import re
from typing import Any

from flask import Response, make_response
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import FileField, HiddenField

from peoplelink.languages import gettext, marked

_UNWANTED = re.compile("[\x00\ud800-\udfff\u202a-\u202e]")
"""PostgreSQL refuses NUL, and UTF-8 has no lone surrogates; nobody types either. An embedding or override of direction
turns round what follows it, our own "Reply STOP" among it; Unicode advises isolates instead (UAX 9), which stay."""

_FROM_THE_LIST = marked("Choose from the list")
PLAIN_WORDS = {
    "Not a valid choice.": _FROM_THE_LIST,
    "Invalid Choice: could not coerce.": _FROM_THE_LIST,
    "Invalid choice(s): one or more data inputs could not be coerced.": _FROM_THE_LIST,
    "'%(value)s' is not a valid choice for this field.": _FROM_THE_LIST,
    "'%(value)s' are not valid choices for this field.": _FROM_THE_LIST,
    "Invalid value, must be one of: %(values)s.": _FROM_THE_LIST,
    "Invalid value, can't be any of: %(values)s.": marked("Choose something else"),
    "This field is required.": marked("Fill this in"),
    "Invalid input.": marked("Write this in another way"),
    "Field must be equal to %(other_name)s.": marked("Type the same twice"),
    "Field must be at least %(min)d character long.": marked("Use at least %(min)d character"),
    "Field must be at least %(min)d characters long.": marked("Use at least %(min)d characters"),
    "Field cannot be longer than %(max)d character.": marked("Use at most %(max)d character"),
    "Field cannot be longer than %(max)d characters.": marked("Use at most %(max)d characters"),
    "Field must be exactly %(max)d character long.": marked("Use exactly %(max)d character"),
    "Field must be exactly %(max)d characters long.": marked("Use exactly %(max)d characters"),
    "Field must be between %(min)d and %(max)d characters long.": marked("Use between %(min)d and %(max)d characters"),
    "Not a valid integer value.": marked("Enter a whole number"),
    "Not a valid decimal value.": marked("Enter a number"),
    "Not a valid float value.": marked("Enter a number"),
    "Number must be at least %(min)s.": marked("Enter %(min)s or more"),
    "Number must be at most %(max)s.": marked("Enter %(max)s or less"),
    "Number must be between %(min)s and %(max)s.": marked("Enter a number between %(min)s and %(max)s"),
    "Not a valid date value.": marked("Enter a real date"),
    "Not a valid datetime value.": marked("Enter a real date and time"),
    "Not a valid time value.": marked("Enter a real time"),
    "Not a valid week value.": marked("Enter a real week"),
    "Date must be at least %(min)s.": marked("Enter %(min)s or a later date"),
    "Date must be at most %(max)s.": marked("Enter %(max)s or an earlier date"),
    "Date must be between %(min)s and %(max)s.": marked("Enter a date between %(min)s and %(max)s"),
    "Invalid email address.": marked("Enter an email address, like name@example.org"),
    "Invalid URL.": marked("Enter a web address, like https://example.org"),
    "Invalid IP address.": marked("Enter an internet address, like 192.0.2.1"),
    "Invalid Mac address.": marked("Enter a hardware address, like 00:00:5e:00:53:01"),
    "Invalid UUID.": marked("Copy the whole code"),
    "This field cannot be edited.": marked("This cannot be changed"),
    "This field is disabled and cannot have a value.": marked("This cannot be changed"),
    "Invalid CSRF Token.": marked("Send the form again"),
    "CSRF token missing.": marked("Send the form again"),
    "CSRF failed.": marked("Send the form again"),
    "CSRF token expired.": marked("Send the form again"),
}
"""What WTForms says by itself, and what we say; a form still names what is wanted wherever somebody may get it wrong.

Most of these are seen only by those who send what no page offered.
"""


class _PlainWords:
    """Takes the place of WTForms' translations, in the language that is spoken."""

    def gettext(self, text: str) -> str:
        return gettext(PLAIN_WORDS.get(text, text))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)


class PlainForm(FlaskForm):
    """A form that speaks plainly, whatever is sent to it."""

    with_a_file: frozenset[str] | set[str] = frozenset()
    """Names of fields that a file was sent in, where words belong: no page of ours does that, but anybody can."""

    class Meta(FlaskForm.Meta):
        """Where WTForms asks for words and for what was sent."""

        def get_translations(self, _form: FlaskForm) -> _PlainWords:
            """The words of errors."""
            return _PlainWords()

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """What was sent, without characters that a database refuses, and without files where words belong."""
            sent = super().wrap_formdata(form, formdata)
            if sent is None:
                return None
            for_files = {field.name for field in form if isinstance(field, FileField)}
            pairs = list(sent.items(multi=True))
            form.with_a_file = {name for name, value in pairs if not isinstance(value, str)} - for_files
            return MultiDict(
                (name, _wanted(value)) for name, value in pairs if isinstance(value, str) or name in for_files
            )

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all can be used. A file in the place of words is an error of its field, never left out in silence."""
        is_fine = bool(super().validate(extra_validators))
        spoiled = [field for field in self if field.name in self.with_a_file]
        for field in spoiled:
            field.errors = [gettext("Type this in. A file cannot go here")]
        return is_fine and not spoiled


def _wanted(value: Any) -> Any:
    return _UNWANTED.sub("", value) if isinstance(value, str) else value


def may_be_gone_back_to(page: str, status: int) -> Response:
    """A form with its errors, kept by the browser of whoever sent it until they close it.

    The answer to a POST cannot be asked for again: marked "no-store", going back to it is an error in Chromium, and
    what was typed is lost. Not for pages that show anything of a resident.
    """
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-cache, private"
    return response


class HiddenNumberField(HiddenField):
    """A whole number that a page sends along, such as the edition it shows."""

    @property
    def number(self) -> int:
        """It, or 0 for anything else: it came over the wire."""
        return number(str(self.data or ""))


def number(text: str) -> int:
    """The whole number in a text that came over the wire, 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004
