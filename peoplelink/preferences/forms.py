"""The forms of the preference centre: one for each thing that a resident may change, and what each starts from."""

import datetime as dt
import unicodedata
from collections.abc import Iterable
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput

from peoplelink import clock
from peoplelink.broadcasts import moments
from peoplelink.channels.messages import Medium
from peoplelink.errors import InvalidInputError
from peoplelink.forms import HiddenNumberField, PlainForm
from peoplelink.languages import LANGUAGES
from peoplelink.languages import gettext as _
from peoplelink.languages import lazy_gettext as _l
from peoplelink.outbound.addresses import normalise_email, normalise_mobile
from peoplelink.quiet_hours import clock_time
from peoplelink.subscribers import choosing, contacts
from peoplelink.subscribers.contacts import Contact
from peoplelink.subscribers.models import LeavingReason

NAME_LENGTH, WORDS_LENGTH, ADDRESS_LENGTH = 60, 300, 254
LIMITS = (1, 2, 3, 5)
NO_LIMIT, USUAL, OWN, NONE, DAY = "none", "usual", "own", "none", "day"
PAUSES = {"week": dt.timedelta(days=7), "month": dt.timedelta(days=30)}
_HOURS = [SelectChoice(str(hour * 60), clock_time(hour * 60)) for hour in range(24)]


def one_line(text: str | None) -> str | None:
    """Text without control characters, or None: a name is put into messages."""
    shown = "".join(" " if unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"} else char for char in text or "")
    return " ".join(shown.split()) or None


class AskForm(PlainForm):
    """A number or a mailbox, in one box: people know only which of theirs we write to."""

    address = StringField(
        _l("Your mobile number or email address"),
        description=_l("The one that our messages come to."),
        widget=GovTextInput(),
        validators=[Length(max=ADDRESS_LENGTH, message=_l("Enter a number or an email address, nothing else"))],
    )
    fictional_allowed = False

    def validate_address(self, _field: StringField) -> None:
        """A UK mobile number or a mailbox."""
        if not (self.address.data or "").strip():
            raise ValidationError(_("Enter your mobile number or email address"))
        _read(lambda: self.typed)

    @property
    def typed(self) -> Contact:
        """Its medium, and its one spelling; raises InvalidInputError with what to do."""
        return contacts.read(self.address.data or "", fictional_allowed=self.fictional_allowed)


class AboutForm(PlainForm):
    """What we call them, and in which language we write."""

    name = StringField(
        _l("Your name (optional)"),
        description=_l("We only use it to greet you. A first name is enough."),
        widget=GovTextInput(),
        filters=[one_line],
        validators=[Length(max=NAME_LENGTH, message=_l("Use at most 60 characters for your name"))],
    )
    language = RadioField(
        _l("Language of our messages"),
        description=_l("Where something is not written in your language, it comes in English."),
        choices=[SelectChoice(language.code, language.name) for language in LANGUAGES.values()],
        widget=GovRadioInput(),
    )


class ZonesForm(PlainForm):
    """Which zones they hear about."""

    zones = SelectMultipleField(
        _l("Which zones do you want to hear about?"),
        description=_l("Choose one or more."),
        widget=GovCheckboxesInput(),
        option_widget=CheckboxInput(),
    )
    wording = HiddenNumberField()
    """The words of consent that stood on the page."""

    def validate_zones(self, field: SelectMultipleField) -> None:
        """At least one."""
        if not field.data:
            raise ValidationError(_("Choose at least one zone. To stop everything, leave People Link instead."))


class TopicsForm(PlainForm):
    """Which topics they hear about."""

    topics = SelectMultipleField(
        _l("What do you want to hear about?"),
        description=_l("Choose none to hear about everything in your zones."),
        widget=GovCheckboxesInput(),
        option_widget=CheckboxInput(),
    )


class AmountForm(PlainForm):
    """How much they get."""

    importance = RadioField(
        _l("Which messages do you want?"),
        choices=[
            SelectChoice("ordinary", _l("Everything")),
            SelectChoice("important", _l("Only what is important")),
        ],
        widget=GovRadioInput(),
    )
    weekly = RadioField(
        _l("How many at most in a week?"),
        description=_l("Texts and emails are counted each by themselves."),
        choices=[
            SelectChoice(NO_LIMIT, _l("As many as there are, about 1 a week")),
            *(SelectChoice(str(number), str(number)) for number in LIMITS),
        ],
        widget=GovRadioInput(),
    )
    digest = RadioField(
        _l("How do you want emails?"),
        description=_l("What is urgent comes at once, and texts always do."),
        choices=[
            SelectChoice("once", _l("Each at once")),
            SelectChoice("daily", _l("One email a day, at about 8am")),
            SelectChoice("weekly", _l("One email a week, on Monday at about 8am")),
        ],
        widget=GovRadioInput(),
    )


class TimesForm(PlainForm):
    """When they get it: quiet hours of their own, and a pause."""

    quiet = RadioField(
        _l("At which hours do you want no messages?"),
        choices=[
            SelectChoice(USUAL, _l("The usual ones of my zones")),
            SelectChoice(OWN, _l("The hours I choose below")),
            SelectChoice(NONE, _l("None: send me messages at any hour")),
        ],
        widget=GovRadioInput(),
    )
    quiet_from = SelectField(_l("No messages from"), choices=_HOURS, widget=GovSelect())
    quiet_until = SelectField(_l("No messages until"), choices=_HOURS, widget=GovSelect())
    pause = RadioField(
        _l("Do you want a break?"),
        description=_l("What we send others in your break is not kept for you."),
        choices=[
            SelectChoice(NONE, _l("No, go on")),
            SelectChoice("week", _l("For a week")),
            SelectChoice("month", _l("For a month")),
            SelectChoice(DAY, _l("Until the day I choose below")),
        ],
        widget=GovRadioInput(),
    )
    pause_day = StringField(_l("First day with messages again"), widget=GovTextInput(), validators=[Length(max=40)])

    def validate_quiet_until(self, field: SelectField) -> None:
        """Hours of their own must be some."""
        if self.quiet.data == OWN and field.data == self.quiet_from.data:
            raise ValidationError(_("Choose two different times, or choose to have no quiet hours"))

    def validate_pause_day(self, _field: StringField) -> None:
        """A day that can be read and lies ahead, where one is needed."""
        if self.pause.data == DAY:
            until = self.first_day()
            _read(lambda: choosing.check_pause(until, clock.now()))

    def first_day(self) -> dt.datetime:
        """The midnight with which the chosen day begins; raises ValidationError."""
        try:
            found = moments.read(self.pause_day.data or "", "00:00")
        except InvalidInputError as err:
            raise ValidationError(_("Enter a day, like 14 March 2027")) from err
        if found is None:
            raise ValidationError(_("Enter a day, like 14 March 2027"))
        return found


class MediaForm(PlainForm):
    """By which media we write; what is not ticked is stopped."""

    media = SelectMultipleField(
        _l("How may we write to you?"),
        description=_l("Take the tick away from what you do not want any more."),
        widget=GovCheckboxesInput(),
        option_widget=CheckboxInput(),
    )


class NumberForm(PlainForm):
    """Another mobile number."""

    medium = Medium.SMS
    value = StringField(
        _l("Your new mobile number"),
        description=_l("We send it a text. When you answer YES, we write there and no more to the old one."),
        widget=GovTextInput(),
        validators=[Length(max=ADDRESS_LENGTH, message=_l("Enter a mobile number, nothing else"))],
    )
    fictional_allowed = False

    def validate_value(self, _field: StringField) -> None:
        """A UK mobile number."""
        _read(self.address)

    def address(self) -> str:
        """It in its one spelling; raises InvalidInputError with what to do."""
        return normalise_mobile((self.value.data or "").strip(), fictional_allowed=self.fictional_allowed)


class MailboxForm(PlainForm):
    """Another mailbox."""

    medium = Medium.EMAIL
    value = StringField(
        _l("Your new email address"),
        description=_l(
            "We send it an email. When you press the button in it, we write there and no more to the old one."
        ),
        widget=GovTextInput(),
        validators=[Length(max=ADDRESS_LENGTH, message=_l("Enter an email address, nothing else"))],
    )
    fictional_allowed = False

    def validate_value(self, _field: StringField) -> None:
        """A mailbox."""
        _read(self.address)

    def address(self) -> str:
        """It in its one spelling; raises InvalidInputError with what to do."""
        return normalise_email((self.value.data or "").strip())


class LeaveForm(PlainForm):
    """Why they leave, if they care to say."""

    reason = RadioField(
        _l("Why do you leave? (optional)"),
        description=_l("We keep the reason, but not whose it was."),
        choices=[
            SelectChoice(LeavingReason.TOO_MANY, _l("Too many messages")),
            SelectChoice(LeavingReason.NOT_USEFUL, _l("They are not useful to me")),
            SelectChoice(LeavingReason.MOVED, _l("I have moved away")),
            SelectChoice(LeavingReason.NEVER_ASKED, _l("I did not ask for them")),
            SelectChoice(LeavingReason.OTHER, _l("Another reason")),
        ],
        validate_choice=False,
        widget=GovRadioInput(),
    )
    words = TextAreaField(
        _l("In your own words (optional)"),
        description=_l("Please do not write names or numbers."),
        widget=GovTextArea(),
        filters=[lambda text: (text or "").strip() or None],
        validators=[Length(max=WORDS_LENGTH, message=_l("Use at most 300 characters"))],
    )

    def chosen(self) -> LeavingReason | None:
        """The reason ticked, if it is one of ours."""
        return LeavingReason(self.reason.data) if self.reason.data in set(LeavingReason) else None


def choices(things: Iterable[Any]) -> list[SelectChoice]:
    """Zones or topics, to tick; names that our catalogues know are put into the language spoken."""
    return [SelectChoice(thing.slug, _(thing.name)) for thing in things]


def _read(address: Any) -> None:
    try:
        address()
    except InvalidInputError as err:
        raise ValidationError(str(err)) from err
