"""A client's own data: to take along, and to have erased. The code is asked for anew, since couples share devices."""

from __future__ import annotations

import json

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.audit import record
from practice.clock import clock
from practice.errors import NotFound
from practice.languages import N_
from practice.limits import limiter
from practice.money import Money
from practice.people import Person, code_fits, current_person, current_visitor
from practice.presenting import money
from practice.profile import profile
from practice.rights import actions, queries, showing
from practice.rights.code_words import in_words
from practice.rights.export import name_file, read_export
from practice.rights.forms import JSON, CodeForm, ExportForm, PlainForm
from practice.rights.scope import Scope
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("rights", __name__, url_prefix="/you")

WRONG_CODE = N_("That isn’t the code that you chose. Check it and try again.")


@bp.app_template_filter("in_money")
def in_money(minor: int, currency: str) -> str:
    """A sum of an export as people write it."""
    return money(Money(minor, currency))


bp.add_app_template_filter(in_words, "in_words")
bp.add_app_template_filter(showing.said_when, "said_when")
bp.add_app_template_filter(showing.said_booking, "said_booking")
bp.add_app_template_filter(showing.told_columns, "told_columns")
bp.add_app_template_filter(showing.in_sheets, "in_sheets")
bp.add_app_template_test(showing.is_moment, "moment")


@bp.app_template_global("zone_of_record")
def zone_of_record() -> str:
    """The zone of the practice, also for what is rendered apart from a page."""
    return profile().zone


def whose() -> str:
    """Wrong codes are counted for the person, whichever address they come from."""
    visitor = current_visitor()
    return f"rights:{visitor.person_id if visitor is not None else 0}"


def refused(response: Response) -> bool:
    """Only what was refused counts as a try."""
    return response.status_code == 422


few_tries = limiter.shared_limit(
    "5 per 15 minutes; 20 per day", scope="rights", key_func=whose, methods=["POST"], deduct_when=refused
)


@bp.get("/data")
@client
def data() -> ResponseReturnValue:
    return _data_page(ExportForm(formdata=None))


@bp.post("/data")
@client
@few_tries
def take() -> ResponseReturnValue:
    person, form = own(), ExportForm()
    if not fits(form, person):
        return _data_page(form), 422
    now = clock().now()
    with begin_work() as work:
        record(work, f"client:{person.reference}", "data_exported", person.reference, {"kind": form.kind.data or ""})
    found = read_export(person, Scope.OWN, now)
    if form.kind.data == JSON:
        return as_file(found, name_file(now))
    return render_template("rights/record.html", found=found)


@bp.get("/erasure")
@client
def erasure() -> ResponseReturnValue:
    return _erasure_page(CodeForm(formdata=None))


@bp.post("/erasure")
@client
@few_tries
def ask() -> ResponseReturnValue:
    person, form = own(), CodeForm()
    if not fits(form, person):
        return _erasure_page(form), 422
    with begin_work() as work:
        actions.ask_to_be_erased(work, person)
    return redirect(url_for("rights.erasure"))  # which begins with it


@bp.post("/erasure/back")
@client
def take_back() -> ResponseReturnValue:
    person, form = own(), PlainForm()
    if not form.validate_on_submit():
        raise NotFound
    with begin_work() as work:
        actions.take_back(work, person)
    flash(_("You took it back. Nothing was erased."))
    return redirect(url_for("rights.erasure"))


def as_file(found: dict[str, object], name: str) -> Response:
    """An export as a file to keep."""
    answer = make_response(json.dumps(found, ensure_ascii=False, indent=1))
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def own() -> Person:
    person = current_person()
    if person is None:
        raise NotFound
    return person


def fits(form: CodeForm, person: Person) -> bool:
    if not form.validate_on_submit():
        return False
    if not code_fits(person, form.code.data or ""):
        form.code.errors = [*form.code.errors, _(WRONG_CODE)]
        return False
    return True


def _data_page(form: ExportForm) -> str:
    person = own()
    return render_template("rights/data.html", form=form, has_code=person.code_hash is not None)


def _erasure_page(form: CodeForm) -> str:
    person = own()
    last = queries.find_last_request(person.id)
    return render_template(
        "rights/erasure.html",
        form=form,
        has_code=person.code_hash is not None,
        last=last,
        answer=queries.answer_to(last) if last is not None else "",
        terms=queries.read_terms(),
    )
