"""The short page of every two weeks, and one's own line. Neutral addresses and titles; nothing of it is a partner's."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.clock import clock
from practice.errors import NotFound
from practice.intake.forms import QuestionForm, questions_form
from practice.people import Person, current_person
from practice.pulse import actions, plot, queries
from practice.pulse.documents import current_questions
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("pulse", __name__)


@bp.get("/how-it-goes")
@client
def pulse() -> ResponseReturnValue:
    person = _person()
    day = queries.find_open_day(person, clock().now())
    return _page(person, _form(person, day))


@bp.post("/how-it-goes")
@client
def save() -> ResponseReturnValue:
    person, day = _person(), _day()
    form = _form(person, day)
    if not form.validate():
        return _page(person, form), 422
    answers = form.answers()
    if not any(answers.values()):
        form.form_errors.append(_("Choose an answer to at least one of these, or leave the page out this time."))
        return _page(person, form), 422
    try:
        with begin_work() as work:
            actions.save_answers(work, person, day, answers)
    except actions.PageClosed as closed:
        return _page(person, _form(person, None), closed), 409
    flash(_("Thank you. It is kept."))
    return redirect(url_for("pulse.pulse"))


def _page(person: Person, form: QuestionForm, closed: actions.PageClosed | None = None) -> str:
    own = queries.read_own(person, clock().now())
    return render_template(
        "pulse/how_it_goes.html", own=own, form=form, closed=closed, plot=plot.draw([own.readings]), least=plot.LEAST
    )


def _form(person: Person, day: date | None) -> QuestionForm:
    answer = queries.find_answer(person.id, day) if day is not None else None
    return questions_form(current_questions(), queries.codes_of(answer) if answer is not None else {})


def _day() -> date:
    """The due day of the page that was sent.

    :raises NotFound: where it names none, which no page of ours does.
    """
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        raise NotFound from None


def _person() -> Person:
    person = current_person()
    if person is None:
        raise NotFound
    return person
