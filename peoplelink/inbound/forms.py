"""Forms of the inbox."""

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovTextArea
from wtforms import BooleanField, HiddenField, TextAreaField


class AnswerForm(FlaskForm):
    """An officer's answer to a resident."""

    text = TextAreaField(
        "Your answer",
        description="Thank them, say what happens next and when. Do not ask them to find things out for us.",
        widget=GovTextArea(),
    )
    advice = BooleanField("I have taken advice, and may send this", widget=GovCheckboxInput())
    seen = HiddenField()

    @property
    def seen_answer_id(self) -> int:
        """The latest answer that the page showed when the form was filled in."""
        value = self.seen.data or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0  # noqa: PLR2004
