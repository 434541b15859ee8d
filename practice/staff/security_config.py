"""How Flask-Security is set up: what is switched on, under which addresses, in which words."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any, cast

from flask import Flask
from flask_login.utils import _user_context_processor
from flask_security import Security
from flask_security.babel import FsDomain

from practice.database import db
from practice.languages import N_
from practice.sealing import Keyring
from practice.settings import Settings
from practice.speaking import gettext
from practice.staff import doors
from practice.staff.datastore import (
    CLOCK_SLACK,
    OneTimeCodes,
    RecoveryCodes,
    StaffDatastore,
    StaffPasswords,
    end_other_sessions,
)
from practice.staff.forms import (
    CodeForm,
    ConfirmPasswordForm,
    NoRescueForm,
    PasswordForm,
    RecoveryForm,
    SetupForm,
    SignInForm,
)
from practice.staff.models import ROLES, StaffAccount, StaffRole
from practice.staff.passkeys.queries import find_half_way
from practice.staff.passkeys.verifying import can_have_passkeys
from practice.staff.passwords import SHORTEST
from practice.staff.queries import current_account
from practice.staff.sessions import PracticeSessions

ADDRESSES = {
    "URL_PREFIX": "/staff",
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "VERIFY_URL": "/confirm-password",
    "CHANGE_URL": "/password",
    "TWO_FACTOR_SETUP_URL": "/two-factor",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/two-factor/code",
    "TWO_FACTOR_RESCUE_URL": "/two-factor/rescue",
    "TWO_FACTOR_SELECT_URL": "/two-factor/select",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/recovery-codes",
    "MULTI_FACTOR_RECOVERY_URL": "/two-factor/recovery",
    "POST_LOGIN_VIEW": doors.HOME,
    "POST_LOGOUT_VIEW": "/staff/sign-in",
    "POST_VERIFY_VIEW": "/staff/account",
    "POST_CHANGE_VIEW": "/staff/account",
    "TWO_FACTOR_POST_SETUP_VIEW": "/staff/account",
    "STATIC_FOLDER": None,
}

PAGES = {
    "LOGIN_USER_TEMPLATE": "staff/sign_in.html",
    "VERIFY_TEMPLATE": "staff/confirm_password.html",
    "CHANGE_PASSWORD_TEMPLATE": "staff/password.html",
    "TWO_FACTOR_SETUP_TEMPLATE": "staff/two_factor.html",
    "TWO_FACTOR_VERIFY_CODE_TEMPLATE": "staff/two_factor_code.html",
    "MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "staff/recovery_codes.html",
    "MULTI_FACTOR_RECOVERY_TEMPLATE": "staff/recovery.html",
}

SWITCHES = {
    "CHANGEABLE": True,
    "SEND_PASSWORD_CHANGE_EMAIL": False,
    "TWO_FACTOR": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_IMPLEMENTATIONS": {"code": "practice.staff.passkeys.second_factors.SecondFactors"},
    "TWO_FACTOR_ALWAYS_VALIDATE": True,
    "TWO_FACTOR_AUTHENTICATOR_VALIDITY": CLOCK_SLACK,
    "TWO_FACTOR_RESCUE_EMAIL": False,
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "API_ENABLED_METHODS": ["session"],
    "FRESHNESS": timedelta(minutes=30),
    "FRESHNESS_GRACE_PERIOD": timedelta(minutes=10),
    "RETURN_GENERIC_RESPONSES": True,
    "CACHE_CONTROL": None,  # every page of ours says no-store by itself
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
    # Argon2id with OWASP's first choice of costs: 19 MiB a hash, so that four at once leave the web process small.
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_SINGLE_HASH": {"argon2"},
    "PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__type": "ID",
        "argon2__memory_cost": 19 * 1024,
        "argon2__time_cost": 2,
        "argon2__parallelism": 1,
    },
    "PASSWORD_LENGTH_MIN": SHORTEST,
}

WORDS = {
    "GENERIC_AUTHN_FAILED": N_("That address and password don’t go together. Look at both once more."),
    "EMAIL_NOT_PROVIDED": N_("Write your email address."),
    "PASSWORD_NOT_PROVIDED": N_("Type your password."),
    "INVALID_PASSWORD": N_("That is not the password of this account."),
    "PASSWORD_IS_THE_SAME": N_("The new password is the one that you have."),
    "PASSWORD_CHANGE": N_("Your password is changed. Every other browser was signed out."),
    "REAUTHENTICATION_REQUIRED": N_("Please type your password once more first."),
    "REAUTHENTICATION_SUCCESSFUL": N_("Thank you. Go on where you were."),
    "UNAUTHENTICATED": N_("Please sign in first."),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": N_("You are signed in."),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": N_("Your second factor works. Every other browser was signed out."),
    "TWO_FACTOR_DISABLED": N_("Your second factor is off. Every other browser was signed out."),
    "TWO_FACTOR_INVALID_TOKEN": N_("That code does not fit, or was used before. Wait for the next one in your app."),
    "TWO_FACTOR_PERMISSION_DENIED": N_("Please sign in first."),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": N_("That can’t be chosen here."),
    "INVALID_RECOVERY_CODE": N_("That recovery code does not fit, or was used before."),
}
OURS = frozenset(WORDS.values())


class Words(FsDomain):
    """Has Flask-Security say our words as our catalogues do; what we gave it none for stays its own."""

    def gettext(self, string: str, **variables: Any) -> str:
        say = gettext if string in OURS else super().gettext
        return str(say(string, **variables))


def register(app: Flask, settings: Settings, keyring: Keyring) -> None:
    """Set up sign-in, sessions and the gate before every staff page."""
    chosen: dict[str, Any] = {**ADDRESSES, **PAGES, **SWITCHES}
    chosen |= {f"MSG_{key}": (words, "info") for key, words in WORDS.items()}
    chosen["TWO_FACTOR_REQUIRED"] = not settings.demo
    chosen["TOTP_ISSUER"] = "Practice desk"
    # Its own key, from the keys file: a new SECRET_KEY must not make every phone useless.
    secret = hmac.digest(keyring.audit_key, b"one-time codes of staff", hashlib.sha256).hex()
    chosen["TOTP_SECRETS"] = {"1": secret}
    app.config.update({f"SECURITY_{key}": value for key, value in chosen.items()})
    security = Security(
        app,
        StaffDatastore(db, cast(Any, StaffAccount), cast(Any, StaffRole)),
        login_form=SignInForm,
        verify_form=ConfirmPasswordForm,
        change_password_form=PasswordForm,
        two_factor_rescue_form=NoRescueForm,
        two_factor_setup_form=SetupForm,
        two_factor_verify_code_form=CodeForm,
        mf_recovery_form=RecoveryForm,
        totp_cls=OneTimeCodes,
        mf_recovery_codes_util_cls=RecoveryCodes,
        password_util_cls=StaffPasswords,
    )
    security.i18n_domain = Words(app)  # type: ignore[no-untyped-call]
    security.tf_setup_context_processor(_second_factor)
    security.tf_token_validation_context_processor(_other_way)
    security.want_json(lambda _request: False)
    security.login_manager._request_callback = None  # no sign-in by tokens in headers or addresses
    # It would look for a member of staff in every request of a client; our gate does, where one is needed.
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    # The same in every page of a client, whose session it would mark as well; its own pages alone ask who is there.
    processors = app.template_context_processors
    processors[None].remove(_user_context_processor)
    processors["security"].append(_user_context_processor)
    end_other_sessions(app)
    app.session_interface = PracticeSessions()
    doors.register(app, frozenset(ROLES))


def _second_factor() -> dict[str, Any]:
    account = current_account()
    return {
        "connected": account is not None and account.tf_totp_secret is not None,
        "by_key": can_have_passkeys(),
        "passkeys": bool(account.passkeys) if account is not None else False,
    }


def _other_way() -> dict[str, Any]:
    half_way = find_half_way()
    return {"has_passkey": half_way is not None and bool(half_way.passkeys)}
