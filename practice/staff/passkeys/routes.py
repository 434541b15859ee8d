"""Passkeys: made and taken away from the account, or set up at the first sign-in; and given after the password."""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from datetime import timedelta
from typing import Any, cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import Security

from practice.access import public, staff
from practice.clock import clock
from practice.database import db
from practice.errors import Conflict, NotFound, Refused
from practice.languages import N_
from practice.speaking import gettext as _
from practice.speaking import refusal_said
from practice.staff.datastore import SESSION_USER
from practice.staff.doors import HOME, limit_tries, own_path
from practice.staff.fresh import ask_unless_lately, signed_in_lately
from practice.staff.models import ROLES, StaffAccount
from practice.staff.passkeys import actions
from practice.staff.passkeys.forms import AnswerForm, NewPasskeyForm
from practice.staff.passkeys.queries import find_half_way, find_passkey, find_setting_up
from practice.staff.passkeys.verifying import (
    Asked,
    NotProven,
    ask_for_new,
    ask_for_one_of,
    can_have_passkeys,
    read_answer,
    read_new,
    verify,
)
from practice.staff.queries import current_account, signed_in
from practice.work import begin_work

bp = Blueprint("passkeys", __name__, url_prefix="/staff")

ASKED = "passkey_asked"  # in the session: what was asked, for what, and when
GOOD_FOR = timedelta(minutes=5)
NEW, SIGN_IN = "new", "sign in"
NOT_PROVEN = N_("That didn’t work. Press the button once more, and use a passkey of your own account.")


@bp.route("/passkeys/new", methods=["GET", "POST"])
@public
def new() -> ResponseReturnValue:
    """A new passkey of whoever is signed in, or the first second factor of whoever may not sign in without one."""
    if not can_have_passkeys():
        raise NotFound
    account, first = current_account(), False
    if account is None:
        account, first = find_setting_up(), True
    if account is None:
        return redirect(url_for("security.login"), 303)
    if not first and (asks := ask_unless_lately(url_for("passkeys.new"))):
        return asks
    form = NewPasskeyForm()
    if not form.is_submitted():
        return _new_page(account, form)
    limit_tries(account.actor)
    challenge, handle = _take_asked(NEW)
    if not form.validate():
        return _new_page(account, form), 422
    account_id, name, answer = account.id, form.name.data or "", form.answer.data or ""
    add = actions.add_first_passkey if first else actions.add_passkey
    try:
        key = read_new(answer, challenge)
        with begin_work() as work:
            add(work, account_id, name, key, handle)
    except NotProven:
        form.answer.errors = [_(NOT_PROVEN)]
        return _new_page(db.session.get_one(StaffAccount, account_id), form), 422
    except (Conflict, Refused) as refused:
        form.answer.errors = [refusal_said(refused)]
        return _new_page(db.session.get_one(StaffAccount, account_id), form), refused.status
    found = db.session.get_one(StaffAccount, account_id)
    if first:
        _complete_sign_in(found)
    else:
        session[SESSION_USER] = found.fs_uniquifier
    flash(_("Your passkey works. Every other browser was signed out."))
    return redirect(url_for("staff.account" if found.mf_recovery_codes else "security.mf_recovery_codes"))


@bp.post("/passkeys/<reference>/remove")
@staff(*ROLES)
@signed_in_lately("staff.account", drops=("reference",))
def remove(reference: str) -> ResponseReturnValue:
    account_id = signed_in().id
    try:
        with begin_work() as work:
            actions.remove_passkey(work, account_id, reference)
    except Refused as refused:
        flash(refusal_said(refused))
        return redirect(url_for("staff.account"))
    session[SESSION_USER] = db.session.get_one(StaffAccount, account_id).fs_uniquifier
    flash(_("That passkey opens nothing any more. Every other browser was signed out."))
    return redirect(url_for("staff.account"))


@bp.route("/passkey", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """The passkey, after the password. Whose it must be, the session says; an answer of anybody else's is none."""
    account = find_half_way()
    if account is None or not account.passkeys:
        return redirect(url_for("security.login") if current_account() is None else HOME, 303)
    form = AnswerForm()
    if not form.is_submitted():
        return _sign_in_page(account, form)
    limit_tries(account.actor)
    challenge, _handle = _take_asked(SIGN_IN)
    if not form.validate() or not _is_proven(account, form.answer.data or "", challenge):
        form.answer.errors = form.answer.errors or [_(NOT_PROVEN)]
        return _sign_in_page(account, form), 422
    again = find_half_way()
    if again is None:  # the account ended in this very moment
        return redirect(url_for("security.login"), 303)
    _complete_sign_in(again)
    return redirect(own_path(request.args.get("next")))


def _is_proven(account: StaffAccount, answer: str, challenge: bytes) -> bool:
    try:
        said = read_answer(answer)
        passkey = find_passkey(account, said.credential_id)
        if passkey is None or said.handle not in (None, account.passkey_handle):
            return False
        count = verify(answer, challenge, public_key=passkey.public_key, sign_count=passkey.sign_count)
    except NotProven:
        return False
    passkey_id = passkey.id
    with begin_work() as work:
        return actions.use_passkey(work, passkey_id, challenge, count)


def _complete_sign_in(account: StaffAccount) -> None:
    security: Security = current_app.extensions["security"]
    security.two_factor_plugins.tf_complete(cast(Any, account), True)


def _new_page(account: StaffAccount, form: NewPasskeyForm) -> str:
    handle = account.passkey_handle or secrets.token_bytes(32)
    asked = ask_for_new(account.email, handle, [one.credential_id for one in account.passkeys])
    _note_asked(NEW, asked, handle)
    setting_up = current_account() is None
    return render_template("staff/passkey_new.html", form=form, options=asked.options, setting_up=setting_up)


def _sign_in_page(account: StaffAccount, form: AnswerForm) -> str:
    asked = ask_for_one_of([one.credential_id for one in account.passkeys])
    _note_asked(SIGN_IN, asked, b"")
    return render_template(
        "staff/passkey.html", form=form, options=asked.options, has_app=account.tf_totp_secret is not None
    )


def _note_asked(what: str, asked: Asked, handle: bytes) -> None:
    until = clock().now() + GOOD_FOR
    session[ASKED] = [what, b64encode(asked.challenge).decode(), b64encode(handle).decode(), until.isoformat()]


def _take_asked(what: str) -> tuple[bytes, bytes]:
    """What this browser was asked, once; a challenge that nobody knows where nothing was, or too long ago."""
    asked = session.pop(ASKED, None)
    if asked is None or asked[0] != what or asked[3] < clock().now().isoformat():
        return secrets.token_bytes(64), secrets.token_bytes(32)
    return b64decode(asked[1]), b64decode(asked[2])
