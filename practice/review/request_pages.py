"""A client's own page about their request: how it stands, what the practice asks or offers, and taking it back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.booking.visitor import client_zone
from practice.clock import clock
from practice.errors import Conflict, NotFound
from practice.intake.agreeing import first_for
from practice.intake.code_gate import closed, few_tries
from practice.intake.correct_form import CorrectionForm, asked_back_form
from practice.intake.correcting import CorrectedMeanwhile
from practice.people import Person, current_person
from practice.review import asking, closing
from practice.review.asking import AskedOtherwise
from practice.review.closing import ChangedForThem
from practice.review.decide_forms import OwnAnswerForm, WithdrawForm
from practice.review.endings import list_ending, reckon, terms_seen
from practice.review.forms import DecisionForm
from practice.review.own_request import Asked, OwnRequest, read_own_request
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("request", __name__)

CODE_PAGE = "review/own_code.html"
PREFIX = "own-"  # beside the form of questions, which has names of its own


@bp.route("/you/request", methods=["GET", "POST"])
@client
@few_tries
def own() -> ResponseReturnValue:
    """How it stands, and whatever waits for them; what they are asked is answered here."""
    person = _own()
    if (asks := closed(person, CODE_PAGE)) is not None:
        return asks
    found = _read(person)
    if request.method != "POST":
        return _page(found)
    if f"{PREFIX}seen" not in request.form:  # nothing but the code
        return redirect(url_for(".own"))
    if (first := first_for(person)) is not None:
        return first
    if found.asked is None:
        return _page(found, lost=AskedOtherwise()), 409
    own_form, questions = _answer_form(found.asked), _questions(found)
    fine = [own_form.validate(), questions is None or (not questions.asks_more and questions.validate())]
    if not all(fine):
        return _page(found, own_form, questions), 422
    text = own_form.answer.data if isinstance(own_form, OwnAnswerForm) else ""
    try:
        with begin_work() as work:
            change = questions.change() if questions is not None else None
            asking.answer(
                work, person, found.intake.reference, seen=own_form.seen.data or "", change=change, text=text or ""
            )
    except (AskedOtherwise, CorrectedMeanwhile) as lost:
        return _page(_read(person), lost=lost), 409
    flash(_("Thank you. Your answer is with us."))
    return redirect(url_for("portal.you"))


@bp.route("/you/request/take-back", methods=["GET", "POST"])
@client
@few_tries
def take_back() -> ResponseReturnValue:
    """Taking the whole request back, with what ends by it and what goes back."""
    person = _own()
    if (asks := closed(person, CODE_PAGE)) is not None:
        return asks
    found = _read(person)
    if request.method == "POST" and "ending" not in request.form:
        return redirect(url_for(".take_back"))
    form = WithdrawForm()
    if form.validate_on_submit():
        wanted = {"seen": form.seen.data or "", "ending": form.ending.data or ""}
        try:
            with begin_work() as work:
                closing.withdraw(work, person, found.intake.reference, **wanted)
        except ChangedForThem as lost:
            return _take_back_page(_read(person), form, lost), 409
        flash(_("You took your request back."))
        return redirect(url_for("portal.you"))
    return _take_back_page(found, form), 422 if form.is_submitted() else 200


def _page(
    found: OwnRequest,
    own_form: DecisionForm | None = None,
    questions: CorrectionForm | None = None,
    lost: Conflict | None = None,
) -> str:
    if found.asked is not None and own_form is None:
        own_form, questions = _answer_form(found.asked), _questions(found)
    if own_form is not None:
        own_form.seen.data = found.mark
    return render_template(
        "review/own_request.html", found=found, own_form=own_form, questions=questions, lost=lost, zone=client_zone()
    )


def _take_back_page(found: OwnRequest, form: WithdrawForm, lost: Conflict | None = None) -> str:
    now = clock().now()
    ending = reckon(list_ending(found.intake, now), now)
    form.seen.data, form.ending.data = found.mark, terms_seen(ending)
    return render_template(
        "review/own_take_back.html", found=found, form=form, ending=ending, lost=lost, zone=client_zone()
    )


def _answer_form(asked: Asked) -> DecisionForm:
    return OwnAnswerForm(prefix=PREFIX) if asked.question else DecisionForm(prefix=PREFIX)


def _questions(found: OwnRequest) -> CorrectionForm | None:
    return asked_back_form(found.intake, found.asked.fields) if found.asked is not None else None


def _read(person: Person) -> OwnRequest:
    found = read_own_request(person, clock().now())
    if found is None:
        raise NotFound
    return found


def _own() -> Person:
    person = current_person()
    if person is None:
        raise NotFound
    return person
