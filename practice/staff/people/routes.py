"""The owner's pages for the people who work here, and the page that an invitation leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import logout_user

from practice.access import by_token, staff
from practice.clock import clock
from practice.limits import limiter
from practice.profile import profile
from practice.speaking import current_language, refusal_said
from practice.speaking import gettext as _
from practice.staff.actions import end_one_session
from practice.staff.doors import HOME
from practice.staff.fresh import signed_in_lately
from practice.staff.hashing import WeakPassword, hash_new
from practice.staff.models import OWNER, StaffAccount
from practice.staff.people import actions, ending, queries
from practice.staff.people.actions import AddressTaken, ChangedMeanwhile, LastOwner, TherapistTaken
from practice.staff.people.forms import MAY, ChoosePasswordForm, EndForm, InviteForm, RolesForm
from practice.staff.queries import current_account, find_actor_names, list_sessions, signed_in
from practice.work import Work, begin_work

bp = Blueprint("people", __name__, url_prefix="/staff")

Did = Callable[[Work, str], object]


@bp.get("/people")
@staff(OWNER)
@signed_in_lately("people.people")
def people() -> ResponseReturnValue:
    return _page(_invite_form(bound=False))


@bp.post("/people/invite")
@staff(OWNER)
@signed_in_lately("people.people")
def invite() -> ResponseReturnValue:
    form = _invite_form(bound=True)
    if not form.validate():
        return _page(form), 422
    roles, therapist = form.asked
    actor, email = signed_in().actor, form.email.data or ""
    try:
        with begin_work() as work:
            actions.invite(work, actor, email, roles, therapist)
    except AddressTaken as taken:
        form.email.errors = [refusal_said(taken)]
        return _page(form), 409
    except TherapistTaken as taken:
        form.therapist.errors = [refusal_said(taken)]
        return _page(form), 409
    flash(_("The invitation is on its way. It is good for seven days."))
    return redirect(url_for("people.people"))


@bp.post("/people/invitations/<reference>/again")
@staff(OWNER)
@signed_in_lately("people.people", drops=("reference",))
def invite_again(reference: str) -> ResponseReturnValue:
    return _press(
        lambda work, actor: actions.invite_again(work, actor, reference),
        _("Another letter is on its way. The link in the one before opens nothing any more."),
        url_for("people.people"),
    )


@bp.post("/people/invitations/<reference>/take-back")
@staff(OWNER)
@signed_in_lately("people.people", drops=("reference",))
def take_back(reference: str) -> ResponseReturnValue:
    return _press(
        lambda work, actor: actions.take_back(work, actor, reference),
        _("The invitation is taken back."),
        url_for("people.people"),
    )


@bp.get("/people/<int:number>")
@staff(OWNER)
@signed_in_lately("people.person")
def person(number: int) -> ResponseReturnValue:
    return _person_page(queries.get_person(number))


@bp.post("/people/<int:number>/roles")
@staff(OWNER)
@signed_in_lately("people.person")
def roles(number: int) -> ResponseReturnValue:
    found = queries.get_person(number)
    form = _roles_form(found, bound=True)
    if not form.validate():
        return _person_page(found, roles=form), 422
    (wanted, therapist), heir, seen = form.asked, form.heir, form.seen.data or ""
    try:
        _do(lambda work, actor: actions.change_roles(work, actor, number, wanted, therapist, successor=heir, seen=seen))
    except ChangedMeanwhile as lost:
        return _person_page(queries.get_person(number), lost=lost), 409
    except LastOwner as last:
        form.roles.errors = [refusal_said(last)]
        return _person_page(queries.get_person(number), roles=form), 422
    except TherapistTaken as taken:
        form.therapist.errors = [refusal_said(taken)]
        return _person_page(queries.get_person(number), roles=form), 409
    flash(_("Saved. It counts from their next page on."))
    if number == _own_number() and OWNER not in wanted:
        return redirect(HOME)  # this page isn't theirs any more
    return redirect(url_for("people.person", number=number))


@bp.post("/people/<int:number>/end")
@staff(OWNER)
@signed_in_lately("people.person")
def end(number: int) -> ResponseReturnValue:
    found = queries.get_person(number)
    form = _end_form(found, bound=True)
    if not form.validate():
        return _person_page(found, ends=form), 422
    heir, seen, own = form.heir, form.seen.data or "", number == _own_number()
    try:
        _do(lambda work, actor: ending.end_account(work, actor, number, successor=heir, seen=seen))
    except ChangedMeanwhile as lost:
        return _person_page(queries.get_person(number), lost=lost), 409
    except LastOwner as last:
        form.successor.errors = [refusal_said(last)]
        return _person_page(queries.get_person(number), ends=form), 422
    if own:
        logout_user()
        return redirect(url_for("security.login"))
    flash(_("The account has ended. Whoever it was is signed out everywhere."))
    return redirect(url_for("people.person", number=number))


@bp.post("/people/<int:number>/open-again")
@staff(OWNER)
@signed_in_lately("people.person")
def open_again(number: int) -> ResponseReturnValue:
    return _press(
        lambda work, actor: ending.open_again(work, actor, number),
        _("They can sign in again, as before. Addresses of calendars and turns of duty don’t come back."),
        url_for("people.person", number=number),
    )


@bp.post("/people/<int:number>/new-password")
@staff(OWNER)
@signed_in_lately("people.person")
def new_password(number: int) -> ResponseReturnValue:
    return _press(
        lambda work, actor: actions.send_password_link(work, actor, number),
        _("A link is on its way to them. It is good for a day; until they use it, the old password counts."),
        url_for("people.person", number=number),
    )


@bp.post("/people/<int:number>/second-factor/take-away")
@staff(OWNER)
@signed_in_lately("people.person")
def take_factors_away(number: int) -> ResponseReturnValue:
    return _press(
        lambda work, actor: actions.take_factors_away(work, actor, number),
        _("Their second factor is gone, and they are signed out everywhere."),
        url_for("people.person", number=number),
    )


@bp.post("/people/<int:number>/sessions/<reference>/end")
@staff(OWNER)
@signed_in_lately("people.person", drops=("reference",))
def end_session(number: int, reference: str) -> ResponseReturnValue:
    queries.get_person(number)
    return _press(
        lambda work, actor: end_one_session(work, actor, number, reference),
        _("That browser is signed out."),
        url_for("people.person", number=number),
    )


@bp.get("/invitation/<token>")
@by_token
def welcome(token: str) -> ResponseReturnValue:
    """What the letter leads to. Looking changes nothing: machines that read mail look too."""
    return _welcome_page(token, ChoosePasswordForm(formdata=None))


@bp.post("/invitation/<token>")
@by_token
@limiter.limit("20 per hour")
def accept(token: str) -> ResponseReturnValue:
    invitation, form = queries.get_invitation(token), ChoosePasswordForm()
    if not form.validate():
        return _welcome_page(token, form), 422
    try:
        hashed = hash_new(form.password.data or "", address=invitation.email)
    except WeakPassword as weak:
        form.refuse(str(weak))
        return _welcome_page(token, form), 422
    with begin_work() as work:
        actions.accept(work, token, hashed, language=current_language())
    if current_account() is not None:
        logout_user()  # whoever was signed in here before was somebody else, or has another password now
    session.pop("tf_user_id", None)
    flash(_("Your password is set. Sign in with it now."))
    return redirect(url_for("security.login", next=url_for("security.two_factor_setup")))


def _press(did: Did, said: str, back: str) -> ResponseReturnValue:
    """A button that asks nothing more: do it, say so, and back to the page on which it stands."""
    _do(did)
    flash(said)
    return redirect(back)


def _do(did: Did) -> None:
    actor = signed_in().actor
    with begin_work() as work:
        did(work, actor)


def _own_number() -> int:
    return signed_in().id


def _page(form: InviteForm) -> str:
    invitations = queries.list_invitations()
    return render_template(
        "staff/people.html",
        people=queries.list_people(),
        invitations=invitations,
        inviters=find_actor_names([one.made_by for one in invitations]),
        form=form,
        now=clock().now(),
        **_frame(),
    )


def _person_page(
    found: StaffAccount,
    *,
    roles: RolesForm | None = None,
    ends: EndForm | None = None,
    lost: ChangedMeanwhile | None = None,
) -> str:
    now = clock().now()
    return render_template(
        "staff/person.html",
        person=found,
        belongings=queries.belongings_of(found, now),
        sessions=list_sessions(found.id, now),
        roles=roles or _roles_form(found, bound=False),
        ends=ends or _end_form(found, bound=False),
        wrong=roles or ends,
        lost=lost,
        own=found.id == _own_number(),
        **_frame(),
    )


def _frame() -> dict[str, Any]:
    return {"zone": profile().zone, "owner": True, "coordinator": False, "may": MAY}


def _welcome_page(token: str, form: ChoosePasswordForm) -> str:
    found = queries.get_invitation(token)
    return render_template(
        "staff/invitation.html", form=form, token=token, email=found.email, anew=found.account_id is not None
    )


def _invite_form(*, bound: bool) -> InviteForm:
    form = InviteForm(formdata=request.form) if bound else InviteForm(formdata=None)
    form.therapist.choices = queries.therapist_choices(None)
    return form


def _roles_form(found: StaffAccount, *, bound: bool) -> RolesForm:
    therapist = found.therapist.slug if found.therapist is not None else ""
    roles = [role.name for role in found.roles]
    given = {"roles": roles, "therapist": therapist, "requests_to": "", "seen": queries.mark_of(found)}
    form = RolesForm(**given) if bound else RolesForm(formdata=None, **given)
    form.therapist.choices = queries.therapist_choices(found)
    form.requests_to.choices = queries.successor_choices(found)
    return form


def _end_form(found: StaffAccount, *, bound: bool) -> EndForm:
    given = {"successor": "", "seen": queries.mark_of(found)}
    form = EndForm(**given) if bound else EndForm(formdata=None, **given)
    form.successor.choices = queries.successor_choices(found)
    return form
