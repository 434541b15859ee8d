"""A client's own answers, as they were sent: to read again after typing the code, and to correct."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.booking.visitor import client_zone
from practice.clock import clock
from practice.errors import Conflict, NotFound
from practice.intake import correcting
from practice.intake.agreeing import first_for
from practice.intake.correct_form import SEEN, CorrectionForm, correction_form
from practice.intake.correctable import Reach
from practice.intake.lanes import LANES
from practice.intake.lines import lines_for
from practice.intake.own_answers import find_own, list_own, region_of
from practice.intake.return_forms import ReturnForm
from practice.intake.unlocking import answers_open, open_answers
from practice.limits import limiter
from practice.people import Person, code_fits, current_person, current_visitor
from practice.work import begin_work

bp = Blueprint("correct", __name__)

WRONG = "wrong_code"
NOT_CARRIED = frozenset({"csrf_token", "code"})


def _visitor() -> str:
    visitor = current_visitor()
    return f"answers:{visitor.person_id if visitor is not None else 0}"


def _was_wrong(_response: object) -> bool:
    """Only a code that did not fit counts as a try."""
    return bool(g.get(WRONG))


few_tries = limiter.shared_limit(
    "5 per 15 minutes; 20 per day", scope="answers", key_func=_visitor, methods=["POST"], deduct_when=_was_wrong
)


@bp.route("/you/answers", methods=["GET", "POST"])
@client
@few_tries
def answers() -> ResponseReturnValue:
    person = _own()
    if (closed := _closed(person)) is not None:
        return closed
    if request.method == "POST":
        return redirect(url_for("correct.answers"))
    return render_template(
        "intake/answers.html",
        sent=list_own(person),
        words=LANES,
        lines=lines_for(region_of(person)),
        zone=client_zone(),
    )


@bp.route("/you/answers/<reference>/<int:number>", methods=["GET", "POST"])
@client
@few_tries
def change(reference: str, number: int) -> ResponseReturnValue:
    person = _own()
    intake = find_own(person, reference)
    if (closed := _closed(person)) is not None:
        return closed
    if request.method == "POST" and SEEN not in request.form:  # nothing but the code
        return redirect(request.path)
    if (first := first_for(person)) is not None:
        return first
    found = correction_form(intake, number, Reach.OWN)
    if request.method != "POST":
        return _page(found)
    if found.asks_more or not found.validate():
        return _page(found), 422
    try:
        with begin_work() as work:
            kept = correcting.correct(work, f"client:{person.reference}", reference, found.change())
    except correcting.CorrectedMeanwhile as lost:
        return _page(correction_form(find_own(person, reference), number, Reach.OWN), lost), 409
    flash("Your change is saved. Your therapists see it." if kept is not None else "Nothing was changed.")
    return redirect(url_for("correct.answers"))


def _page(found: CorrectionForm, lost: Conflict | None = None) -> str:
    return render_template("intake/correct.html", found=found, lost=lost)


def _closed(person: Person) -> ResponseReturnValue | None:
    """The page that asks for the code, unless the answers are open in this browser or the code has just been typed.

    What was typed into the page before it is carried along, and not lost.
    """
    now = clock().now()
    if answers_open(now):
        return None
    typed = "code" in request.form
    form = ReturnForm() if typed else ReturnForm(formdata=None)
    if typed and form.validate():
        if code_fits(person, form.code.data or ""):
            open_answers(now)
            return None
        g.wrong_code = True
        form.code.errors = ["That isn’t the code that you chose. Check it and try again."]
    carried = [(name, said) for name, said in request.form.items(multi=True) if name not in NOT_CARRIED]
    page = render_template(
        "intake/answers_code.html", form=form, has_code=person.code_hash is not None, carried=carried
    )
    return page, 422 if request.method == "POST" else 200


def _own() -> Person:
    person = current_person()
    if person is None:
        raise NotFound
    return person
