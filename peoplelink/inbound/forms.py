"""Forms of the inbox."""

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovTextArea
from wtforms import BooleanField, TextAreaField

from peoplelink.forms import HiddenNumberField, PlainForm


class AnswerForm(PlainForm):
    """An officer's answer to a resident."""

    text = TextAreaField(
        "Your answer",
        description="Thank them, say what happens next and when. Do not ask them to find things out for us.",
        widget=GovTextArea(),
    )
    advice = BooleanField("I have taken advice, and may send this", widget=GovCheckboxInput())
    seen = HiddenNumberField()

    @property
    def seen_answer_id(self) -> int:
        """The latest answer that the page showed when the form was filled in."""
        return int(self.seen.number)
