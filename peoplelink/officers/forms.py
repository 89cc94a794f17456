"""Forms of the sign-in and password pages."""

from govuk_frontend_wtf.wtforms_widgets import GovPasswordInput, GovTextInput
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired

from peoplelink.forms import PlainForm


class SignInForm(PlainForm):
    """Email and password."""

    email = StringField(
        "Email address",
        widget=GovTextInput(),
        validators=[InputRequired("Enter your email address, like name@example.org")],
    )
    password = PasswordField("Password", widget=GovPasswordInput(), validators=[InputRequired("Enter your password")])


class PasswordForm(PlainForm):
    """An officer changes their own password."""

    present = PasswordField(
        "Your present password", widget=GovPasswordInput(), validators=[InputRequired("Enter your present password")]
    )
    new = PasswordField(
        "New password",
        description="At least 12 characters. Three odd words do well.",
        widget=GovPasswordInput(),
        validators=[InputRequired("Enter a new password")],
    )
    again = PasswordField(
        "New password again",
        widget=GovPasswordInput(),
        validators=[EqualTo("new", "The two new passwords are not the same. Type the second one again")],
    )
