"""Forms of the inbox."""

from collections.abc import Mapping

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovRadioInput, GovTextArea, GovTextInput
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from peoplelink.errors import InvalidInputError
from peoplelink.forms import HiddenNumberField, PlainForm
from peoplelink.inbound.ending import BECAUSE_WORDS, BECAUSE_WORDS_BY_HAND, Because
from peoplelink.subscribers import contacts
from peoplelink.subscribers.contacts import Contact


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


def _why(words: Mapping[Because, str]) -> RadioField:
    return RadioField(
        "Why?",
        widget=GovRadioInput(),
        choices=[SelectChoice(because.value, said) for because, said in words.items()],
        validators=[InputRequired("Choose why the messages are to stop")],
    )


class StopWritingForm(PlainForm):
    """Why our messages to somebody are to stop."""

    because = _why(BECAUSE_WORDS)


class StopByHandForm(PlainForm):
    """To whom our messages are to stop, who has never written to us, and why."""

    contact = StringField(
        "Their mobile number or email address",
        description="The one that our messages come to. We write to it no more, whoever shares it.",
        widget=GovTextInput(),
    )
    because = _why(BECAUSE_WORDS_BY_HAND)
    fictional_allowed = False

    def validate_contact(self, field: StringField) -> None:
        """A UK mobile number or a mailbox."""
        if not (field.data or "").strip():
            raise ValidationError("Enter their mobile number or email address")
        try:
            self.typed()
        except InvalidInputError as err:
            raise ValidationError(str(err)) from err

    def typed(self) -> Contact:
        """Which it is, in its one spelling; raises InvalidInputError."""
        return contacts.read(self.contact.data or "", fictional_allowed=self.fictional_allowed)
