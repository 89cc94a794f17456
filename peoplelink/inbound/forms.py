"""Forms of the inbox."""

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovRadioInput, GovTextArea
from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from peoplelink.forms import HiddenNumberField, PlainForm
from peoplelink.inbound.ending import BECAUSE_WORDS


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


class StopWritingForm(PlainForm):
    """Why our messages to somebody are to stop."""

    because = RadioField(
        "Why?",
        widget=GovRadioInput(),
        choices=[SelectChoice(because.value, words) for because, words in BECAUSE_WORDS.items()],
        validators=[InputRequired("Choose why the messages are to stop")],
    )
