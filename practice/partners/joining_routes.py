"""Coming along by an invitation: a code or a mailed link, a page that says what it is, and one's own way in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from practice.access import by_token, public
from practice.booking.visitor import ZONE_KEY
from practice.errors import NotFound
from practice.intake.forms import PlainForm
from practice.intake.return_forms import ReturnForm
from practice.intake.steps import Stop, early_stop
from practice.intake.tries import wrong_code
from practice.languages import N_
from practice.limits import limiter
from practice.partners import actions, joining, queries
from practice.partners.forms import CodeForm, arrival_form, arrival_pages
from practice.partners.joining import NewPerson
from practice.people import (
    Person,
    code_fits,
    contact_of,
    current_person,
    hash_code,
    sign_in_client,
    sign_out_client,
)
from practice.profile import profile
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("joining", __name__)

WRONG = N_(
    "That code opens nothing. It may have been used or taken back, or have run out. Check it, or ask for another."
)


def everybody() -> str:
    """Wrong codes are counted for all who try together, too: whoever guesses from many addresses gets no more tries."""
    return "join"


def whose_code() -> str:
    """Wrong codes of somebody who is at home in this browser are counted for them."""
    person = current_person()
    return f"join:{person.id if person is not None else 'nobody'}"


@bp.route("/join", methods=["GET", "POST"])
@public
@limiter.limit("10 per hour; 20 per day", methods=["POST"], deduct_when=wrong_code)
@limiter.limit("200 per hour", key_func=everybody, methods=["POST"], deduct_when=wrong_code)
def join() -> ResponseReturnValue:
    form = CodeForm()
    found = queries.find_by_code(form.code.data or "") if form.validate_on_submit() else None
    if form.is_submitted() and not form.errors and found is None:
        form.code.errors = [*form.code.errors, _(WRONG)]
    if found is None:
        return render_template("partners/join.html", form=form), 422 if form.is_submitted() else 200
    with begin_work() as work:
        token = actions.make_way_in(work, found)
    return redirect(url_for("joining.welcome", token=token))


@bp.get("/join/<token>")
@by_token
@limiter.limit("120 per hour")
def welcome(token: str) -> ResponseReturnValue:
    invitation = queries.get_invitation(token)
    inviter = contact_of(invitation.person)
    return render_template(
        "partners/welcome.html",
        name=inviter.first_name if inviter is not None else "",
        until=invitation.expires_at,
        zone=profile().zone,
        token=token,
    )


@bp.post("/join/<token>/decline")
@by_token
@limiter.limit("20 per hour")
def decline(token: str) -> ResponseReturnValue:
    with begin_work() as work:
        joining.decline(work, token)
    return redirect(url_for("joining.declined"))


@bp.get("/joined/not")
@public
def declined() -> ResponseReturnValue:
    return render_template("partners/declined.html")


@bp.route("/join/<token>/you", methods=["GET", "POST"])
@by_token
@limiter.limit("20 per hour", methods=["POST"])
def come(token: str) -> ResponseReturnValue:
    invitation = queries.get_invitation(token)
    at_home = current_person()
    if at_home is not None:
        return _somebody_at_home(token, at_home, ReturnForm(formdata=None), own=at_home.id == invitation.person_id)
    form, pages = arrival_form(), arrival_pages()
    if form.is_submitted() and early_stop(form.answers()) is Stop.UNDER_18:
        return redirect(url_for("stops.youth"))
    if not form.validate_on_submit():
        return render_template(
            "partners/come.html", form=form, token=token, section=pages[-1].section
        ), 422 if form.is_submitted() else 200
    answers, hashed = form.answers(), hash_code(form["code"].data or "")  # slow on purpose, so before the work
    said = [(page, {one.name: answers[one.name] for one in page.fields if one.name in answers}) for page in pages]
    newcomer = NewPerson(said, hashed, session.get(ZONE_KEY) or profile().zone, current_language())
    with begin_work() as work:
        sign_in_client(work, joining.join_as_new(work, token, newcomer))
    return redirect(own_questions())


@bp.post("/join/<token>/new")
@by_token
@limiter.limit("20 per hour")
def as_new(token: str) -> ResponseReturnValue:
    """Whoever is at home in this browser isn't any more: somebody else goes on."""
    queries.get_invitation(token)
    if not PlainForm().validate_on_submit():
        raise NotFound
    with begin_work() as work:
        sign_out_client(work)
    return redirect(url_for("joining.come", token=token))


@bp.post("/join/<token>/self")
@by_token
@limiter.limit("5 per 15 minutes; 20 per day", key_func=whose_code, deduct_when=wrong_code)
def as_client(token: str) -> ResponseReturnValue:
    """Who is at home in this browser comes along themselves; their code says that it is really they."""
    invitation = queries.get_invitation(token)
    person = current_person()
    if person is None or person.id == invitation.person_id:
        return redirect(url_for("joining.come", token=token))
    form = ReturnForm()
    proven = form.validate_on_submit() and code_fits(person, form.code.data or "")
    if form.is_submitted() and not proven and not form.errors:
        form.code.errors = [*form.code.errors, _("That isn’t the code of whoever is at home in this browser.")]
    if not proven:
        return _somebody_at_home(token, person, form, own=False)
    with begin_work() as work:
        joining.join_as_client(work, token, person)
    return redirect("/you")


def own_questions() -> str:
    """Where somebody who has just joined goes on: to their own questions."""
    return url_for("more.next_page")


def _somebody_at_home(token: str, person: Person, form: ReturnForm, *, own: bool) -> ResponseReturnValue:
    """This browser is somebody’s: the inviter’s (`own`), who can’t be the invited, or another client’s."""
    page = render_template(
        "partners/at_home.html",
        own=own or person.code_hash is None,
        inviter=own,
        form=form,
        token=token,
    )
    return page, 422 if form.errors else 200
