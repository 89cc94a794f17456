"""The form in which an officer says who has checked a language."""

import datetime as dt

from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from peoplelink import clock
from peoplelink.forms import PlainForm

_EXAMPLE = "Enter the day as numbers, like 14/3/2027"


def _tidy(text: str | None) -> str:
    return " ".join((text or "").split())


class ReviewForm(PlainForm):
    """Who read it, and when."""

    reader = StringField(
        "Who has read it?",
        description="The name of a person who speaks the language well and has read every message.",
        widget=GovTextInput(),
        filters=[_tidy],
        validators=[
            DataRequired("Enter the name of the person who has read it"),
            Length(max=100, message="Use at most %(max)d characters for the name"),
        ],
    )
    read_on = StringField(
        "When?",
        description="Like 14/3/2027.",
        widget=GovTextInput(),
        filters=[_tidy],
        validators=[InputRequired(_EXAMPLE)],
    )
    digest = HiddenField()

    def validate_read_on(self, _field: StringField) -> None:
        """A day, and none that has yet to come."""
        if self.day() is None:
            raise ValidationError(_EXAMPLE)

    def day(self) -> dt.date | None:
        """The day that was typed; None when it is none, or lies ahead."""
        parts = (self.read_on.data or "").replace("-", "/").replace(".", "/").split("/")
        try:
            day, month, year = (int(part) for part in parts)
            typed = dt.date(year, month, day)
        except (ValueError, OverflowError):
            return None
        return typed if dt.date(2020, 1, 1) <= typed <= clock.in_london(clock.now()).date() else None
