"""The page that asks somebody to agree: before the first private question, and when words are new."""

from __future__ import annotations

import re

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import public
from practice.consents import actions as consents
from practice.consents.forms import AgreeForm, agree_form, shown_mark
from practice.consents.queries import find_open
from practice.intake.actions import OpenTooLong
from practice.intake.agreeing import circumstances_of
from practice.people import Person, current_person
from practice.work import Work, begin_work

bp = Blueprint("agreeing", __name__)

OWN_PAGE = re.compile(r"/(?:intake|bookings|you)(?:/[a-z0-9_-]+)*")
AFTERWARDS = "/you"


@bp.route("/intake/agree", methods=["GET", "POST"])
@public
def agree() -> ResponseReturnValue:
    person = current_person()
    if person is None:
        if request.method == "POST":
            raise OpenTooLong
        return redirect(url_for("intake.schedule"))
    asked = find_open(person.id, circumstances_of(person))
    if not asked:
        return redirect(_then())
    form = agree_form([one.document for one in asked])
    if form.validate_on_submit():
        try:
            with begin_work() as work:
                _keep(work, work.session.get_one(Person, person.id), form)
            return redirect(_then())
        except consents.WordsChanged:
            return redirect(url_for("agreeing.agree", then=_then()))
    page = render_template(
        "consents/agree.html",
        form=form,
        before={one.document.key: one.before for one in asked},
        shown=shown_mark([one.document for one in asked]),
        then=_then(),
        back=_back(),
    )
    return page, 422 if form.is_submitted() else 200


def _keep(work: Work, person: Person, form: AgreeForm) -> None:
    for document in form.ticked():
        consents.accept(work, person, document)
    for document in form.left_open():
        consents.leave_open(work, person, document)


def _then() -> str:
    """Where they wanted to go: a page of ours, or their own page."""
    asked = request.args.get("then", "")
    return asked if OWN_PAGE.fullmatch(asked) and asked != url_for("agreeing.agree") else AFTERWARDS


def _back() -> str:
    """Where they go who don't want to agree now: to the time that is kept for them, or to the beginning."""
    then = _then()
    return then.removesuffix("/pay") if then.startswith("/bookings/") else url_for("intake.schedule")
