"""The forms by which a resident finds their zone, or asks to be told when there is one."""

from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import StringField
from wtforms.validators import ValidationError

from peoplelink.forms import PlainForm
from peoplelink.languages import gettext
from peoplelink.languages import lazy_gettext as _
from peoplelink.subscribers import postcodes
from peoplelink.subscribers.forms import JoinForm
from peoplelink.subscribers.postcodes import Postcode


class PostcodeForm(PlainForm):
    """A postcode, and nothing else."""

    postcode = StringField(
        _("Your postcode"),
        description=_("Like LE3 6AB. We do not keep it."),
        widget=GovTextInput(),
    )

    def validate_postcode(self, _field: StringField) -> None:
        """A whole one, wherever it is."""
        if self.typed is None:
            raise ValidationError(gettext("Enter a whole postcode, like LE3 6AB"))

    @property
    def typed(self) -> Postcode | None:
        """The postcode in its one spelling."""
        return postcodes.read(self.postcode.data or "")


class WaitForm(JoinForm):
    """A number or a mailbox, as in the form to join, and nothing else."""

    zones = name = topics = None
