"""Staff's own pages, besides sign-in: the account, and the picture that an authenticator app reads."""

from __future__ import annotations

import io
from typing import cast

import qrcode
import qrcode.image.svg
from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import Security, logout_user
from sqlalchemy.exc import SQLAlchemyError

from practice.access import is_staff_path, public, staff
from practice.audit import record
from practice.clock import clock
from practice.errors import NotFound
from practice.profile import profile
from practice.speaking import forget_asked, speaking
from practice.speaking import gettext as _
from practice.staff import actions
from practice.staff.forms import LanguageForm
from practice.staff.menu import room_of, rooms_of
from practice.staff.models import OWNER, ROLES
from practice.staff.passkeys.verifying import can_have_passkeys
from practice.staff.queries import current_account, list_sessions, signed_in
from practice.staff.sessions import StaffVisit
from practice.staff.words import about_said, browser_said, detail_said, roles_as, roles_said
from practice.tokens import token_hash
from practice.work import begin_work

bp = Blueprint("staff", __name__)
for said in (roles_said, roles_as, browser_said, detail_said, about_said):
    bp.add_app_template_global(said, said.__name__)


@bp.get("/staff/account")
@staff(*ROLES)
def account() -> ResponseReturnValue:
    return _account_page(LanguageForm(formdata=None, language=signed_in().language))


@bp.post("/staff/account/language")
@staff(*ROLES)
def choose_language() -> ResponseReturnValue:
    """From now on the desk and letters speak this language, here too: what this browser remembered is forgotten."""
    form, account_id = LanguageForm(), signed_in().id
    if not form.validate():
        return _account_page(form), 422
    chosen = str(form.language.data)
    with begin_work() as work:
        actions.choose_language(work, account_id, chosen)
    with speaking(chosen):
        flash(_("The desk and our letters to you speak this language from now on."))
    answer = current_app.make_response(redirect(url_for("staff.account")))
    forget_asked(answer)
    return answer


@bp.post("/staff/account/end-sessions")
@staff(*ROLES)
def end_sessions() -> ResponseReturnValue:
    account = signed_in()
    account_id, actor = account.id, account.actor
    with begin_work() as work:
        actions.end_sessions_of(work, account_id)
        record(work, actor, "sessions_ended", actor)
    logout_user()
    flash(_("You are signed out everywhere."))
    return redirect(url_for("security.login"))


@bp.post("/staff/account/sessions/<reference>/end")
@staff(*ROLES)
def end_session(reference: str) -> ResponseReturnValue:
    account = signed_in()
    account_id, actor = account.id, account.actor
    with begin_work() as work:
        actions.end_one_session(work, actor, account_id, reference)
    flash(_("That browser is signed out."))
    return redirect(url_for("staff.account"))


@bp.post("/staff/account/sessions/end-others")
@staff(*ROLES)
def end_others() -> ResponseReturnValue:
    account = signed_in()
    account_id, actor = account.id, account.actor
    with begin_work() as work:
        actions.end_other_sessions(work, actor, account_id, _own_token())
    flash(_("Every other browser was signed out."))
    return redirect(url_for("staff.account"))


@bp.get("/staff/two-factor/picture.svg")
@public
def two_factor_picture() -> ResponseReturnValue:
    """The QR code of the secret that is being set up in this very session; to everybody else it does not exist."""
    secret = session.get("tf_totp_secret")
    security: Security = current_app.extensions["security"]
    account = current_account() or security.datastore.find_user(fs_uniquifier=session.get("tf_user_id"))
    if secret is None or account is None:
        raise NotFound
    address = security._totp_factory.get_totp_uri(account.email, secret)
    picture = qrcode.make(address, image_factory=qrcode.image.svg.SvgPathFillImage, border=3)
    drawn = io.BytesIO()
    picture.save(drawn)
    return Response(drawn.getvalue(), content_type="image/svg+xml")


@bp.app_context_processor
def who_is_here() -> dict[str, object]:
    """What the frame of staff's pages shows: the way around, and who is signed in."""
    try:
        account = current_account() if is_staff_path(request.path) else None
    except SQLAlchemyError:
        account = None  # the page that tells of it must still have a frame
    if account is None:
        return {}
    rooms = rooms_of(account)
    here = room_of(request.endpoint or "", rooms)
    may_audit = account.is_any_of(OWNER)
    return {
        "staff_nav": [(_(room[0]), url_for(room[1]), room == here) for room in rooms],
        "may_audit": may_audit,
        "staff_name": account.name,
        "sign_out": url_for("security.logout"),
    }


def _account_page(form: LanguageForm) -> str:
    now, found = clock().now(), signed_in()
    return render_template(
        "staff/account.html",
        account=found,
        form=form,
        zone=found.therapist.zone if found.therapist is not None else profile().zone,
        sessions=list_sessions(found.id, now),
        this_one=token_hash(_own_token()),
        by_key=can_have_passkeys(),
    )


def _own_token() -> str:
    """The token of the session that this request came with."""
    return cast(StaffVisit, session._get_current_object()).token or ""  # type: ignore[attr-defined]
