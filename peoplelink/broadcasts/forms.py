"""The form in which a broadcast is written."""

from collections.abc import Sequence

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovTextArea, GovTextInput
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from peoplelink.broadcasts.checks import Draft
from peoplelink.forms import HiddenNumberField, PlainForm
from peoplelink.subscribers.models import Topic, Zone

NAME_HINT = "Write {name|neighbour} to greet people by name; who gave none is called neighbour."


class BroadcastForm(PlainForm):
    """Title, zones, topics, and the words by each medium. Only the title must be there to save a draft."""

    title = StringField(
        "Title",
        description="For officers only. Residents do not see it.",
        widget=GovTextInput(),
        validators=[
            InputRequired("Give the broadcast a title, like May fair"),
            Length(max=200, message="Use at most 200 characters for the title"),
        ],
    )
    zones = SelectMultipleField("Zones", coerce=int, widget=GovCheckboxesInput(), validators=[Optional()])
    topics = SelectMultipleField(
        "Topics",
        description="Leave empty to reach everybody in the zones. People who chose no topics get every topic.",
        coerce=int,
        widget=GovCheckboxesInput(),
        validators=[Optional()],
    )
    sms = TextAreaField(
        "Words of the text message",
        description=f"We put “People Link:” in front and “Reply STOP to leave.” behind. {NAME_HINT}",
        widget=GovTextArea(),
        validators=[Length(max=2000, message="Use at most 2,000 characters for the text message")],
    )
    subject = StringField(
        "Email subject",
        widget=GovTextInput(),
        validators=[Length(max=200, message="Use at most 200 characters for the subject")],
    )
    email = TextAreaField(
        "Words of the email",
        description=(
            "Leave a line empty between paragraphs. **bold**, a list of lines that start with -, "
            "and [words](https://example.org) for a link. The same {name|neighbour} works here."
        ),
        widget=GovTextArea(),
        validators=[Length(max=50_000, message="Use at most 50,000 characters for the email")],
    )
    edition = HiddenNumberField()

    def offer(self, zones: Sequence[Zone], topics: Sequence[Topic]) -> "BroadcastForm":
        """Set what can be chosen: the officer's own zones, and the topics there are."""
        self.zones.choices = [SelectChoice(zone.id, zone.name) for zone in zones]
        self.topics.choices = [SelectChoice(topic.id, topic.name) for topic in topics]
        return self

    def draft(self) -> Draft:
        """What has been typed so far, finished or not; choices that were not offered are left out."""
        return Draft(
            title=self.title.data or "",
            zone_ids=_offered(self.zones),
            topic_ids=_offered(self.topics),
            sms=self.sms.data or "",
            subject=self.subject.data or "",
            email=self.email.data or "",
        )


def _offered(field: SelectMultipleField) -> tuple[int, ...]:
    values = {choice.value for choice in field.choices or ()}
    return tuple(value for value in field.data or () if value in values)
