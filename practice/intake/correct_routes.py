"""A client's own answers, as they were sent: to read again after typing the code, and to correct."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.booking.visitor import client_zone
from practice.errors import Conflict, NotFound
from practice.forms import only_switches_language
from practice.intake import correcting
from practice.intake.agreeing import first_for
from practice.intake.code_gate import closed, few_tries
from practice.intake.correct_form import SEEN, CorrectionForm, correction_form
from practice.intake.correctable import Reach
from practice.intake.lanes import LANES
from practice.intake.lines import lines_for
from practice.intake.own_answers import find_own, list_own, region_of
from practice.people import Person, current_person
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("correct", __name__)

CODE_PAGE = "intake/answers_code.html"


@bp.route("/you/answers", methods=["GET", "POST"])
@client
@few_tries
def answers() -> ResponseReturnValue:
    person = _own()
    if (asks := closed(person, CODE_PAGE)) is not None:
        return asks
    if request.method == "POST":
        return redirect(url_for("correct.answers"))
    return render_template(
        "intake/answers.html",
        sent=list_own(person),
        words={lane: _(said) for lane, said in LANES.items()},
        lines=lines_for(region_of(person)),
        zone=client_zone(),
    )


@bp.route("/you/answers/<reference>/<int:number>", methods=["GET", "POST"])
@client
@few_tries
def change(reference: str, number: int) -> ResponseReturnValue:
    person = _own()
    intake = find_own(person, reference)
    if (asks := closed(person, CODE_PAGE)) is not None:
        return asks
    if request.method == "POST" and SEEN not in request.form:  # nothing but the code
        return redirect(request.path)
    if (first := first_for(person)) is not None:
        return first
    found = correction_form(intake, number, Reach.OWN)
    if request.method != "POST" or only_switches_language():
        return _page(found)
    if found.asks_more or not found.validate():
        return _page(found), 422
    try:
        with begin_work() as work:
            kept = correcting.correct(work, f"client:{person.reference}", reference, found.change())
    except correcting.CorrectedMeanwhile as lost:
        return _page(correction_form(find_own(person, reference), number, Reach.OWN), lost), 409
    flash(_("Your change is saved. Your therapists see it.") if kept is not None else _("Nothing was changed."))
    return redirect(url_for("correct.answers"))


def _page(found: CorrectionForm, lost: Conflict | None = None) -> str:
    if lost is None:  # what was typed answers what they read, and not what stands by now
        found = replace(found, mark=request.form.get(SEEN, found.mark))
    return render_template("intake/correct.html", found=found, lost=lost)


def _own() -> Person:
    person = current_person()
    if person is None:
        raise NotFound
    return person
