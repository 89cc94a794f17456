"""The form in which a broadcast is written."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovRadioInput,
    GovTextArea,
    GovTextInput,
)
from wtforms import BooleanField, Field, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from peoplelink.broadcasts import moments
from peoplelink.broadcasts.checks import MAX_TITLE, Draft
from peoplelink.errors import InvalidInputError
from peoplelink.forms import HiddenNumberField, PlainForm
from peoplelink.subscribers.models import Importance, Topic, Zone

_WHICH = (
    SelectChoice("first", "The first, before the clocks go back"),
    SelectChoice("second", "The second, an hour later"),
)
NAME_HINT = "Write {name|neighbour} to greet people by name; who gave none is called neighbour."


class BroadcastForm(PlainForm):
    """Title, zones, topics, and the words by each medium. Only the title must be there to save a draft."""

    title = StringField(
        "Title",
        description="For officers only. Residents do not see it.",
        widget=GovTextInput(),
        validators=[
            InputRequired("Give the broadcast a title, like May fair"),
            Length(max=MAX_TITLE, message=f"Use at most {MAX_TITLE} characters for the title"),
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
        validators=[Length(max=20_000, message="Use at most 20,000 characters for the email")],
    )
    importance = RadioField(
        "How important is it?",
        description="Some residents only want what is important. Urgent: it cannot wait for a daily or weekly email.",
        choices=[SelectChoice(each.value, each.value.capitalize()) for each in Importance],
        default=Importance.ORDINARY.value,
        validate_choice=False,
        widget=GovRadioInput(),
    )
    scheduled_day = StringField("Day", widget=GovTextInput(), validators=[Length(max=40)])
    scheduled_time = StringField("Time", widget=GovTextInput(), validators=[Length(max=40)])
    scheduled_which = RadioField(
        "Which of the two hours?", choices=list(_WHICH), validate_choice=False, widget=GovRadioInput()
    )
    expires_day = StringField("Day", widget=GovTextInput(), validators=[Length(max=40)])
    expires_time = StringField("Time", widget=GovTextInput(), validators=[Length(max=40)])
    expires_which = RadioField(
        "Which of the two hours?", choices=list(_WHICH), validate_choice=False, widget=GovRadioInput()
    )
    ignores_quiet = BooleanField("Send it in quiet hours too", widget=GovCheckboxInput())
    quiet_because = StringField(
        "Why can it not wait?",
        description="Only if you tick the box. Your reason is kept with your name.",
        widget=GovTextInput(),
        validators=[Length(max=300, message="Use at most 300 characters for the reason")],
    )
    edition = HiddenNumberField()

    def offer(self, zones: Sequence[Zone], topics: Sequence[Topic]) -> "BroadcastForm":
        """Set what can be chosen: the officer's own zones, and the topics there are."""
        self.zones.choices = [SelectChoice(zone.id, zone.name) for zone in zones]
        self.topics.choices = [SelectChoice(topic.id, topic.name) for topic in topics]
        return self

    def validate_importance(self, field: RadioField) -> None:
        """One of those on offer, or none: then it is ordinary."""
        if field.data and field.data not in set(Importance):
            raise ValidationError("Choose how important it is: ordinary, important or urgent")

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it can be saved: also the two moments must be ones that exist."""
        is_fine = bool(super().validate(extra_validators))
        faults = [self._fault(name) for name in ("scheduled", "expires")]
        for field, words in filter(None, faults):
            field.errors = [*field.errors, words]
        return is_fine and not any(faults)

    def comes_twice(self, name: str) -> bool:
        """Whether the officer must say, or has said, which of two hours is meant."""
        try:
            return bool(moments.typed(self._moment(name))[2])
        except moments.ComesTwiceError:
            return True
        except InvalidInputError:
            return False

    def _importance(self) -> Importance:
        said = self.importance.data
        return Importance(said) if said in set(Importance) else Importance.ORDINARY

    def _fault(self, name: str) -> tuple[Field, str] | None:
        kinds = {moments.NoTimeError: "time", moments.ComesTwiceError: "which"}
        try:
            self._moment(name)
        except InvalidInputError as err:
            return self[f"{name}_{kinds.get(type(err), 'day')}"], str(err)
        return None

    def _moment(self, name: str) -> dt.datetime | None:
        day, time, which = (self[f"{name}_{part}"].data or "" for part in ("day", "time", "which"))
        return moments.read(day, time, which)

    def _moment_or_none(self, name: str) -> dt.datetime | None:
        return None if self._fault(name) else self._moment(name)

    def draft(self) -> Draft:
        """What has been typed so far, finished or not; choices that were not offered are left out."""
        return Draft(
            title=self.title.data or "",
            zone_ids=_offered(self.zones),
            topic_ids=_offered(self.topics),
            sms=self.sms.data or "",
            subject=self.subject.data or "",
            email=self.email.data or "",
            importance=self._importance(),
            scheduled_for=self._moment_or_none("scheduled"),
            expires_at=self._moment_or_none("expires"),
            ignores_quiet_hours=bool(self.ignores_quiet.data),
            quiet_because=self.quiet_because.data or "",
        )


def times_of(draft: Draft) -> dict[str, Any]:
    """The fields about time, filled in from what was saved."""
    values: dict[str, Any] = {
        "importance": draft.importance.value,
        "ignores_quiet": draft.ignores_quiet_hours,
        "quiet_because": draft.quiet_because,
    }
    for name, moment in (("scheduled", draft.scheduled_for), ("expires", draft.expires_at)):
        parts = ("day", "time", "which")
        values |= {f"{name}_{part}": typed for part, typed in zip(parts, moments.typed(moment), strict=True)}
    return values


def _offered(field: SelectMultipleField) -> tuple[int, ...]:
    values = {choice.value for choice in field.choices or ()}
    return tuple(value for value in field.data or () if value in values)
