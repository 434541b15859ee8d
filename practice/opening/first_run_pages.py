"""The first visit: whoever has the one-time address names the practice, then becomes its owner, then signs in.

Each of the two is kept when it is sent. The address can be left and opened again until it is spent or has run out.
In a practice that stands, and that nobody owns any more, it makes an owner and changes nothing else.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import by_token
from practice.booking.offers.checks import InvalidOffer
from practice.clock import clock
from practice.errors import Unavailable
from practice.first_run import PracticeAnswers
from practice.opening import actions, queries
from practice.opening.forms import AccountForm, NamingForm, OwnerForm
from practice.profile import PracticeProfile, profile
from practice.regions import groups_in
from practice.setup.forms import show
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.staff.hashing import WeakPassword, hash_new
from practice.work import begin_work

bp = Blueprint("first_run", __name__, url_prefix="/staff/first-run")

SUGGESTED = {
    "zone": "America/New_York",
    "currency": "USD",
    "help_region": "US",
    "statement_name": "APPOINTMENT",
    "desk_hours": "mon-fri 09:00-17:00",
}


@bp.get("/<token>")
@by_token
def begin(token: str) -> ResponseReturnValue:
    queries.get_way_in(token, clock().now())
    if _named() is None:
        return _naming_page(token, NamingForm(formdata=None, **SUGGESTED))
    if queries.has_begun():
        return _account_page(token, AccountForm(formdata=None))
    return _owner_page(token, OwnerForm(formdata=None))


@bp.post("/<token>/practice")
@by_token
def name_practice(token: str) -> ResponseReturnValue:
    queries.get_way_in(token, clock().now())
    form = NamingForm()
    if not form.validate_on_submit():
        return _naming_page(token, form), 422
    try:
        with begin_work() as work:
            actions.name_practice(work, token, form.asked(), (form.desk_hours.data or "").strip())
    except InvalidOffer as problems:
        show(form, problems)
        return _naming_page(token, form), 422
    return redirect(url_for("first_run.begin", token=token))


@bp.post("/<token>/owner")
@by_token
def claim(token: str) -> ResponseReturnValue:
    queries.get_way_in(token, clock().now())
    named, form = _named(), OwnerForm()
    if named is None or queries.has_begun():
        return redirect(url_for("first_run.begin", token=token))
    if not form.validate_on_submit():
        return _owner_page(token, form), 422
    answers = _answers(named, form)
    try:
        password_hash = hash_new(answers.owner_password, address=answers.owner_email)
        with begin_work() as work:
            actions.claim(work, token, answers, password_hash)
    except WeakPassword as weak:
        form.password.errors = [str(weak)]
        return _owner_page(token, form), 422
    except InvalidOffer as problems:
        show(form, problems)
        return _owner_page(token, form), 422
    flash(_("The practice is yours. Sign in with the address and the password that you have just chosen."))
    return redirect(url_for("security.login", next=url_for("opening.items")))


@bp.post("/<token>/account")
@by_token
def regain(token: str) -> ResponseReturnValue:
    queries.get_way_in(token, clock().now())
    form = AccountForm()
    if not queries.has_begun():
        return redirect(url_for("first_run.begin", token=token))
    if not form.validate_on_submit():
        return _account_page(token, form), 422
    email, password = (form.owner_email.data or "").strip(), form.password.data or ""
    try:
        password_hash = hash_new(password, address=email)
        with begin_work() as work:
            actions.regain(work, token, email, password_hash)
    except WeakPassword as weak:
        form.password.errors = [str(weak)]
        return _account_page(token, form), 422
    except InvalidOffer as problems:
        show(form, problems)
        return _account_page(token, form), 422
    flash(_("You own the practice. Sign in with the address and the password that you have just chosen."))
    return redirect(url_for("security.login"))


def _answers(named: PracticeProfile, form: OwnerForm) -> PracticeAnswers:
    return PracticeAnswers(
        **{name: getattr(named, name) for name in ("name", "zone", "currency", "email", "phone", "address")},
        help_region=named.help_region,
        desk_hours=named.desk_hours,
        statement_name=named.statement_name,
        therapist_name=(form.therapist_name.data or "").strip(),
        licence_places=tuple(form.licence_places.data or ()),
        join_link=(form.join_link.data or "").strip(),
        owner_email=(form.owner_email.data or "").strip(),
        owner_password=form.password.data or "",
    )


def _named() -> PracticeProfile | None:
    try:
        return profile()
    except Unavailable:
        return None


def _naming_page(token: str, form: NamingForm) -> str:
    return _page("opening/first_naming.html", token, form)


def _owner_page(token: str, form: OwnerForm) -> str:
    return _page("opening/first_owner.html", token, form, place_groups=groups_in(current_language()))


def _account_page(token: str, form: AccountForm) -> str:
    return _page("opening/first_account.html", token, form)


def _page(template: str, token: str, form: NamingForm | AccountForm, **shown: Any) -> str:
    return render_template(template, token=token, form=form, **shown)
