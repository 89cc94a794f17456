"""The form that an officer fills in beside a neighbour, on a phone."""

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovTextInput
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from peoplelink.subscribers.forms import JoinForm, tidy

_LONGEST = 100


def _short(what: str) -> Length:
    return Length(max=_LONGEST, message=f"Use at most {_LONGEST} characters for {what}")


class FaceToFaceForm(JoinForm):
    """What the resident's own form asks, said by somebody else, and the circumstances."""

    agreed = BooleanField(
        "I read these words out, and they agreed",
        widget=GovCheckboxInput(),
        validators=[InputRequired("Read the words out, and tick the box when they have agreed")],
    )
    old_enough = BooleanField(
        "They say they are old enough",
        description="If they are younger, a parent or carer can join instead.",
        widget=GovCheckboxInput(),
    )
    where = StringField(
        "Where are you?",
        description="Such as: community centre, or at their door. No house number.",
        widget=GovTextInput(),
        filters=[tidy],
        validators=[InputRequired("Say where you are"), _short("where you are")],
    )
    witness = StringField(
        "Who else was there? (optional)",
        description="The name or role of a colleague. Leave it empty if nobody was.",
        widget=GovTextInput(),
        filters=[tidy],
        validators=[_short("who was there")],
    )

    def ask_age(self, age: int) -> None:
        """Say how old the neighbour must be."""
        self.minimum_age = age
        self.old_enough.label.text = f"They say they are {age} or over"

    def validate_old_enough(self, field: BooleanField) -> None:
        """The officer has asked."""
        if not field.data:
            raise ValidationError(f"Ask whether they are {self.minimum_age} or over, and tick the box if they are")
