"""Forms about rights: the complaint that anybody may make, and what officers fill in."""

from collections.abc import Callable

from govuk_frontend_wtf.wtforms_widgets import GovTextArea, GovTextInput
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from peoplelink.errors import InvalidInputError
from peoplelink.forms import PlainForm
from peoplelink.languages import gettext as _
from peoplelink.languages import lazy_gettext
from peoplelink.outbound.addresses import normalise_email, normalise_mobile
from peoplelink.rights.requests import LONGEST, LONGEST_LINE, Complaint


class ComplaintForm(PlainForm):
    """A complaint about how information about somebody is used; anybody may make one, member or not."""

    words = TextAreaField(
        lazy_gettext("What are you not happy about?"),
        description=lazy_gettext("Say what happened, and what you would like us to do."),
        widget=GovTextArea(),
        validators=[
            InputRequired(lazy_gettext("Write what you are not happy about")),
            Length(max=LONGEST, message=lazy_gettext("Shorten what you wrote to 5,000 characters or fewer")),
        ],
    )
    email = StringField(lazy_gettext("Email address"), widget=GovTextInput())
    mobile = StringField(lazy_gettext("Mobile number"), widget=GovTextInput())
    name = StringField(
        lazy_gettext("Your name (optional)"),
        widget=GovTextInput(),
        validators=[Length(max=LONGEST_LINE, message=lazy_gettext("Shorten your name to 200 characters or fewer"))],
    )
    homepage = StringField(lazy_gettext("Leave this box empty"))
    """People do not see it; scripts fill it in."""

    fictional_allowed = False
    """Whether Ofcom's drama numbers are let in: with a sandbox only."""

    def validate_words(self, field: TextAreaField) -> None:
        """More than spaces."""
        if not (field.data or "").strip():
            raise ValidationError(_("Write what you are not happy about"))

    def validate_email(self, _field: StringField) -> None:
        """A mailbox, a number, or both: otherwise nobody can be answered."""
        if not _typed(self.email) and not _typed(self.mobile):
            raise ValidationError(_("Enter an email address or a mobile number, so that we can answer you"))
        _check(self._mailbox)

    def validate_mobile(self, _field: StringField) -> None:
        """A UK mobile, if anything."""
        _check(self._number)

    @property
    def complaint(self) -> Complaint:
        """What was filled in."""
        return Complaint(
            (self.words.data or "").strip(), (self.name.data or "").strip(), self._number(), self._mailbox()
        )

    @property
    def is_robot(self) -> bool:
        """Whether the box was filled in that people do not see."""
        return bool((self.homepage.data or "").strip())

    def _number(self) -> str | None:
        typed = _typed(self.mobile)
        return normalise_mobile(typed, fictional_allowed=self.fictional_allowed) if typed else None

    def _mailbox(self) -> str | None:
        typed = _typed(self.email)
        return normalise_email(typed) if typed else None


def _typed(field: Field) -> str:
    return (field.data or "").strip()


def _check(read: Callable[[], object]) -> None:
    try:
        read()
    except InvalidInputError as err:
        raise ValidationError(str(err)) from err
