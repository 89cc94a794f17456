"""Forms of reports."""

from collections.abc import Mapping, Sequence
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovSelect, GovTextArea, GovTextInput
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from peoplelink.forms import HiddenNumberField, PlainForm
from peoplelink.intelligence import grading
from peoplelink.intelligence.models import Handling, InformationGrade, Report, ReportStatus, SourceGrade, Theme
from peoplelink.intelligence.reading import Seen
from peoplelink.intelligence.services import Account
from peoplelink.officers.models import Officer
from peoplelink.subscribers.models import Zone

STATUS_WORDS = {
    ReportStatus.NEW: "New",
    ReportStatus.WORKING: "Working on it",
    ReportStatus.PASSED_ON: "Passed on",
    ReportStatus.DONE: "Done",
}


def _choices(words: Mapping[Any, str]) -> list[SelectChoice]:
    """The codes of a part of the grade, each with its words."""
    return [SelectChoice(grade.value, f"{grade.value}: {meaning}") for grade, meaning in words.items()]


class EditionForm(PlainForm):
    """A form that knows what its officer had seen of the report when they opened it."""

    edition = HiddenNumberField()
    seen_grade = HiddenNumberField()
    seen_change = HiddenNumberField()

    @property
    def seen(self) -> Seen:
        """How far the officer had read."""
        return Seen(self.edition.number, self.seen_grade.number, self.seen_change.number)

    def start_from(self, seen: Seen) -> None:
        """Say how far the officer has read, now that the page shows it."""
        self.edition.data, self.seen_grade.data, self.seen_change.data = seen.edition, seen.grade_id, seen.change_id


class ReportForm(EditionForm):
    """What a report says."""

    theme = SelectField(
        "What it is about", default="", widget=GovSelect(), invalid_choice_message="Choose a theme from the list"
    )
    zone = SelectField("Zone", default="", widget=GovSelect(), invalid_choice_message="Choose one of your zones")
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
    checked = HiddenField()
    """The token of what looks personal, and was looked at: a box to tick, when there is something."""
    seen_report = HiddenNumberField()
    """The latest report of the same conversation that the page of a new one shows."""

    def offer(self, themes: Sequence[Theme], zones: Sequence[Zone], *, all_zones: bool) -> None:
        """Fill the lists. Only an officer of all zones may leave a report without one."""
        self.theme.choices = [
            SelectChoice("", "Choose a theme"),
            *(SelectChoice(theme.slug, theme.name) for theme in themes),
        ]
        none = [SelectChoice("", "No zone, or all of them")] if all_zones else []
        self.zone.choices = [*none, *(SelectChoice(zone.slug, zone.name) for zone in zones)]

    def account(self, themes: Sequence[Theme], zones: Sequence[Zone]) -> Account:
        """What was filled in; for a form that validates."""
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


class GradeForm(EditionForm):
    """A 3x5x2 grade and its reason."""

    source = RadioField(
        "Source",
        widget=GovRadioInput(),
        choices=_choices(grading.SOURCE_WORDS),
        invalid_choice_message="Choose a grade for the source",
    )
    information = RadioField(
        "Information",
        widget=GovRadioInput(),
        choices=_choices(grading.INFORMATION_WORDS),
        invalid_choice_message="Choose a grade for the information",
    )
    handling = RadioField(
        "Handling",
        widget=GovRadioInput(),
        choices=_choices(grading.HANDLING_WORDS),
        invalid_choice_message="Choose whether it may be shared",
    )
    reason = TextAreaField(
        "Reason, or conditions",
        description="Needed for 3, for E, and for C of handling: then write the conditions.",
        widget=GovTextArea(),
    )
    checked = HiddenField()

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


class NoteForm(PlainForm):
    """A note between officers."""

    note = TextAreaField("Add a note", widget=GovTextArea())
    checked = HiddenField()


class WorkForm(EditionForm):
    """Where a report stands, and who has it."""

    status = SelectField(
        "Where it stands", widget=GovSelect(), invalid_choice_message="Choose where the report stands from the list"
    )
    to = SelectField(
        "Who has it",
        default="",
        widget=GovSelect(),
        invalid_choice_message="That colleague cannot read reports of this zone. Choose another",
    )

    def offer(self, colleagues: Sequence[Officer]) -> None:
        """Set what can be chosen."""
        self.status.choices = [SelectChoice(status.value, words) for status, words in STATUS_WORDS.items()]
        people = (SelectChoice(one.public_id, one.name) for one in colleagues)
        self.to.choices = [SelectChoice("", "Nobody"), *people]

    def fill(self, report: Report) -> None:
        """Start from a report as it stands."""
        self.status.data = report.status.value
        self.to.data = report.assigned_to.public_id if report.assigned_to else ""

    def colleague(self, colleagues: Sequence[Officer]) -> Officer | None:
        """Who was chosen, if anybody; for a form that validates."""
        return next((one for one in colleagues if one.public_id == self.to.data), None)
