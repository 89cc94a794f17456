"""Forms of reports."""

from collections.abc import Mapping, Sequence
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovSelect, GovTextArea, GovTextInput
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from peoplelink.forms import HiddenNumberField, PlainForm
from peoplelink.intelligence import grading
from peoplelink.intelligence.models import Handling, InformationGrade, Report, SourceGrade, Theme
from peoplelink.intelligence.services import Account
from peoplelink.subscribers.models import Zone


def _choices(words: Mapping[Any, str]) -> list[SelectChoice]:
    """The codes of a part of the grade, each with its words."""
    return [SelectChoice(grade.value, f"{grade.value}: {meaning}") for grade, meaning in words.items()]


class ReportForm(PlainForm):
    """What a report says."""

    theme = SelectField("What it is about", widget=GovSelect(), validate_choice=False)
    zone = SelectField("Zone", widget=GovSelect(), validate_choice=False)
    place = StringField(
        "Where, as exactly as may be shared",
        description="Such as a street or a park, never a house number. Leave empty if it is not known.",
        widget=GovTextInput(),
    )
    period = StringField(
        "When", description="In your own words, such as “Friday nights since Easter”.", widget=GovTextInput()
    )
    text = TextAreaField(
        "What was told",
        description="Without anything that shows who told it. Read the reminders first.",
        widget=GovTextArea(),
    )
    edition = HiddenNumberField()

    def offer(self, themes: Sequence[Theme], zones: Sequence[Zone], *, all_zones: bool) -> None:
        """Fill the lists. Only an officer of all zones may leave a report without one."""
        self.theme.choices = [
            SelectChoice("", "Choose a theme"),
            *(SelectChoice(theme.slug, theme.name) for theme in themes),
        ]
        none = [SelectChoice("", "No zone, or all of them")] if all_zones else []
        self.zone.choices = [*none, *(SelectChoice(zone.slug, zone.name) for zone in zones)]

    def account(self, themes: Sequence[Theme], zones: Sequence[Zone]) -> Account:
        """What was filled in; a choice that is not on the list counts as none."""
        return Account(
            text=self.text.data or "",
            theme=next((theme for theme in themes if theme.slug == self.theme.data), None),
            zone=next((zone for zone in zones if zone.slug == self.zone.data), None),
            place=self.place.data or "",
            period=self.period.data or "",
        )

    def fill(self, report: Report) -> None:
        """Start from a report as it stands."""
        self.theme.data = report.theme.slug if report.theme else ""
        self.zone.data = report.zone.slug if report.zone else ""
        self.place.data, self.period.data, self.text.data = report.place, report.period, report.text
        self.edition.data = str(report.edition)


class GradeForm(PlainForm):
    """A 3x5x2 grade and its reason."""

    source = RadioField(
        "Source",
        widget=GovRadioInput(),
        choices=_choices(grading.SOURCE_WORDS),
    )
    information = RadioField(
        "Information",
        widget=GovRadioInput(),
        choices=_choices(grading.INFORMATION_WORDS),
    )
    handling = RadioField(
        "Handling",
        widget=GovRadioInput(),
        choices=_choices(grading.HANDLING_WORDS),
    )
    reason = TextAreaField(
        "Reason, or conditions",
        description="Needed for 3, for E, and for C of handling: then write the conditions.",
        widget=GovTextArea(),
    )

    def fill(self, grade: grading.Grade) -> None:
        """Start from a grade."""
        self.source.data = grade.source.value
        self.information.data = grade.information.value
        self.handling.data = grade.handling.value

    def grade(self) -> grading.Grade:
        """What was chosen; for a form that validates."""
        return grading.Grade(
            SourceGrade(self.source.data), InformationGrade(self.information.data), Handling(self.handling.data)
        )
