"""The form in which a resident joins."""

import unicodedata
from collections.abc import Callable, Iterable

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovCheckboxInput, GovTextInput
from wtforms import BooleanField, Field, HiddenField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput

from peoplelink.errors import InvalidInputError
from peoplelink.forms import PlainForm
from peoplelink.languages import gettext
from peoplelink.languages import lazy_gettext as _
from peoplelink.outbound.addresses import normalise_email, normalise_mobile
from peoplelink.subscribers.models import Topic, Zone

NAME_LENGTH = 60


def tidy(text: str | None) -> str | None:
    """One line without control characters, or None: a name is put into messages, and a NUL breaks PostgreSQL."""
    shown = "".join(" " if unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"} else char for char in text or "")
    return " ".join(shown.split()) or None


class JoinForm(PlainForm):
    """Zones, a number or a mailbox, and as little else as possible."""

    zones = SelectMultipleField(
        _("Which zones do you want to hear about?"),
        description=_("Choose one or more."),
        widget=GovCheckboxesInput(),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    mobile = StringField(
        _("Mobile number"),
        description=_("A UK mobile, if you want texts. Our texts are free to get."),
        widget=GovTextInput(),
    )
    email = StringField(_("Email address"), description=_("If you want emails."), widget=GovTextInput())
    name = StringField(
        _("Your name (optional)"),
        description=_("We only use it to greet you. A first name is enough."),
        widget=GovTextInput(),
        filters=[tidy],
        validators=[Length(max=NAME_LENGTH, message=_("Use at most %(max)d characters for your name"))],
    )
    topics = SelectMultipleField(
        _("What do you want to hear about? (optional)"),
        description=_("Choose none to hear about everything in your zones."),
        widget=GovCheckboxesInput(),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    old_enough = BooleanField(
        _("I am old enough"),
        description=_("If you are younger, ask a parent or carer to join instead."),
        widget=GovCheckboxInput(),
    )
    homepage = StringField(_("Leave this box empty"))
    """People do not see it; scripts fill it in."""
    opened = HiddenField()

    fictional_allowed = False
    """Whether Ofcom's drama numbers are let in: with a sandbox only."""

    minimum_age = 13

    def offer(self, zones: Iterable[Zone], topics: Iterable[Topic]) -> "JoinForm":
        """Set what can be chosen."""
        self.zones.choices = [SelectChoice(zone.slug, zone.name) for zone in zones]
        self.topics.choices = [SelectChoice(topic.slug, gettext(topic.name)) for topic in topics]
        return self

    def ask_age(self, age: int) -> None:
        """Say how old somebody must be."""
        self.minimum_age = age
        self.old_enough.label.text = gettext("I am %(age)s or over", age=age)

    def validate_zones(self, field: SelectMultipleField) -> None:
        """At least one of those on offer."""
        if not _offered(field):
            raise ValidationError(gettext("Choose at least one zone"))

    def validate_old_enough(self, field: BooleanField) -> None:
        """They say so; nobody is asked for a date of birth."""
        if not field.data:
            said = gettext(
                "Tick the box if you are %(age)s or over. If not, ask a parent or carer to join instead",
                age=self.minimum_age,
            )
            raise ValidationError(said)

    def validate_mobile(self, field: StringField) -> None:
        """A number, a mailbox or both; the number a UK mobile."""
        if not _typed(field) and not _typed(self.email):
            raise ValidationError(gettext("Enter a mobile number, an email address, or both"))
        _check(self.mobile_number)

    def validate_email(self, _field: StringField) -> None:
        """A mailbox, if anything."""
        _check(self.mailbox)

    def mobile_number(self) -> str | None:
        """The number in its one spelling; raises InvalidInputError with what to do."""
        typed = _typed(self.mobile)
        return normalise_mobile(typed, fictional_allowed=self.fictional_allowed) if typed else None

    def mailbox(self) -> str | None:
        """The mailbox in its one spelling; raises InvalidInputError with what to do."""
        typed = _typed(self.email)
        return normalise_email(typed) if typed else None

    def chosen_zones(self, zones: Iterable[Zone]) -> list[Zone]:
        """Those of `zones` that are ticked."""
        return [zone for zone in zones if zone.slug in _offered(self.zones)]

    def chosen_topics(self, topics: Iterable[Topic]) -> list[Topic]:
        """Those of `topics` that are ticked."""
        return [topic for topic in topics if topic.slug in _offered(self.topics)]


def _offered(field: SelectMultipleField) -> set[str]:
    return {choice.value for choice in field.choices or ()} & set(field.data or ())


def _typed(field: Field) -> str:
    return (field.data or "").strip()


def _check(read: Callable[[], object]) -> None:
    try:
        read()
    except InvalidInputError as err:
        raise ValidationError(str(err)) from err
