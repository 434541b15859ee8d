"""The shape of staff's forms, in our own words. What is checked beyond shape, Flask-Security checks."""

from __future__ import annotations

from typing import Any

from flask_security.forms import (
    ChangePasswordForm,
    EmailValidation,
    IsString,
    LoginForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    email_required,
    password_required,
)
from flask_security.recovery_codes import MfRecoveryForm
from wtforms import EmailField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import EqualTo, InputRequired, Length

from practice.forms import PostedForm
from practice.languages import LANGUAGES
from practice.speaking import lazy_gettext as _l
from practice.staff.doors import own_path


class SignInForm(LoginForm):
    """Address and password. Nobody stays signed in beyond their session, so there is nothing to remember."""

    remember = None  # type: ignore[assignment]  # how WTForms leaves a field out
    email = EmailField(
        _l("Email address"),
        filters=[lambda typed: typed.strip() if typed else typed],
        render_kw={"autocomplete": "username", "maxlength": 254},
        validators=[IsString(), email_required, EmailValidation(verify=False)],
    )
    password = PasswordField(
        _l("Password"),
        render_kw={"autocomplete": "current-password"},
        validators=[IsString(), password_required],
    )

    def validate_next(self, field: Any) -> None:
        field.data = own_path(field.data)


class ConfirmPasswordForm(VerifyForm):
    """The password once more, before something that matters."""

    password = PasswordField(
        _l("Password"),
        render_kw={"autocomplete": "current-password"},
        validators=[IsString(), password_required],
    )

    def validate_next(self, field: Any) -> None:
        field.data = own_path(field.data)


class PasswordForm(ChangePasswordForm):
    """A new password, and the one before."""

    password = PasswordField(
        _l("Current password"),
        render_kw={"autocomplete": "current-password"},
        validators=[InputRequired(_l("Type the password that you have now."))],
    )
    new_password = PasswordField(
        _l("New password"),
        description=_l("At least 12 characters; a few unrelated words are easy to keep."),
        render_kw={"autocomplete": "new-password"},
        validators=[IsString(), password_required],
    )
    new_password_confirm = PasswordField(
        _l("New password once more"),
        render_kw={"autocomplete": "new-password"},
        validators=[
            InputRequired(_l("Type the new password a second time.")),
            EqualTo("new_password", _l("The two new passwords differ.")),
        ],
    )


CODE_FIELD = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 10}


class CodeForm(TwoFactorVerifyCodeForm):
    """A code from the authenticator app."""

    code = StringField(
        _l("Code from your app"),
        description=_l("Six digits. Each code works once."),
        render_kw=CODE_FIELD,
        validators=[InputRequired(_l("Type the six digits that your app shows.")), Length(max=10)],
    )


class RecoveryForm(MfRecoveryForm):
    """One of the codes that were written down when the second factor was set up."""

    code = StringField(
        _l("Recovery code"),
        description=_l("Sixteen letters and digits. Each code works once."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "maxlength": 40},
        validators=[InputRequired(_l("Type one of your recovery codes.")), Length(max=40)],
    )


class SetupForm(TwoFactorSetupForm):
    """Connect an app, or turn the second factor off: two buttons, so that nothing has to be chosen."""

    setup = HiddenField()  # type: ignore[assignment]  # authenticator or disable


class NoRescueForm(TwoFactorRescueForm):
    """Flask-Security makes one for every page that asks for a code; its own view is shut."""

    help_setup = RadioField(choices=[SelectChoice("help", "Ask the owner of the practice")])


class LanguageForm(PostedForm):
    """In which language the desk and its letters speak to somebody."""

    language = SelectField(
        _l("Language of the desk"),
        description=_l("Letters to you go by it, and these pages until you choose another language at their foot."),
        choices=LANGUAGES,
    )
