"""The form in which an officer adds or changes a zone."""

import re
import unicodedata
from contextlib import closing

from flask import request
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovTextArea, GovTextInput
from wtforms import BooleanField, FileField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from peoplelink.errors import InvalidInputError
from peoplelink.forms import PlainForm
from peoplelink.subscribers import areas, boundaries
from peoplelink.subscribers.areas import Listed
from peoplelink.subscribers.boundaries import Boundary
from peoplelink.subscribers.zone_editing import ZoneDraft, ZoneProblemError

_LONGEST = 40
_MOST_WORDS = 30
_PARTED = re.compile(r"[\n\r,;]+")


def _tidy(text: str | None) -> str:
    shown = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text or "")
    return " ".join(shown.split())


class ZoneForm(PlainForm):
    """A zone as officers see it: its name, its words, and where it lies."""

    name = StringField(
        "Name",
        description="As people say it, such as New Parks.",
        widget=GovTextInput(),
        filters=[_tidy],
        validators=[
            DataRequired("Enter the name of the zone"),
            Length(min=3, max=_LONGEST, message=f"Use between 3 and {_LONGEST} characters for the name"),
        ],
    )
    place = StringField(
        "Town or city",
        description="For people who do not know the zone by its name.",
        widget=GovTextInput(),
        filters=[_tidy],
        validators=[
            DataRequired("Enter the town or city"),
            Length(max=_LONGEST, message=f"Use at most {_LONGEST} characters for the town"),
        ],
    )
    slug = StringField(
        "Web address (optional)",
        description="Ends the web address of the zone and stands on posters, such as new-parks. It is never changed. "
        "Leave it empty to make it from the name.",
        widget=GovTextInput(),
        filters=[_tidy],
    )
    words = TextAreaField(
        "Other words people may text (optional)",
        description="One a line, such as NEWPARK. The name itself need not be listed.",
        widget=GovTextArea(),
    )
    area = TextAreaField(
        "Postcodes and sectors (optional)",
        description="One a line: whole postcodes, like LE3 6AB, or sectors, like LE3 6, which hold all postcodes that "
        "begin so.",
        widget=GovTextArea(),
    )
    boundary = FileField("Boundary (optional)")
    """A file: read from the request, since a browser never shows one again."""
    drop_boundary = BooleanField("Take the boundary away", widget=GovCheckboxInput())
    active = BooleanField(
        "Residents can join this zone",
        description="Untick it to prepare a zone, or to close one. Residents who have joined stay.",
        widget=GovCheckboxInput(),
    )

    def draft(self) -> ZoneDraft | None:
        """What the officer says; None, with the reasons on the form, where something cannot be taken."""
        if not self.validate():
            return None
        try:
            return ZoneDraft(
                name=self.name.data,
                place=self.place.data,
                slug=self.slug.data or "",
                words=self._words(),
                area=self._area(),
                boundary=self._boundary(),
                drop_boundary=bool(self.drop_boundary.data),
                active=bool(self.active.data),
            )
        except ZoneProblemError as err:
            self.blame(err)
            return None

    def blame(self, err: ZoneProblemError) -> None:
        """Say at its box what cannot be taken."""
        self[err.field].errors = [str(err)]

    def _words(self) -> tuple[str, ...]:
        words = tuple(part.strip() for part in _PARTED.split(self.words.data or "") if part.strip())
        if len(words) > _MOST_WORDS:
            raise ZoneProblemError("words", f"List at most {_MOST_WORDS} words")
        return words

    def _area(self) -> Listed:
        try:
            return areas.read_list(self.area.data or "")
        except InvalidInputError as err:
            raise ZoneProblemError("area", str(err)) from err

    def _boundary(self) -> Boundary | None:
        sent = request.files.get("boundary")
        if sent is None or not sent.filename:
            return None
        try:
            with closing(sent):
                return boundaries.read(sent.stream.read(boundaries.LARGEST + 1))
        except InvalidInputError as err:
            raise ZoneProblemError("boundary", str(err)) from err
