"""A client asks for their whole record, and reads it once it is handed over. Both ask for their code anew."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.audit import record
from practice.clock import clock
from practice.errors import NotFound
from practice.profile import profile
from practice.rights.access import actions, queries
from practice.rights.access.exporting import words_of_extension
from practice.rights.access.forms import AskForm, BackForm, ReadForm
from practice.rights.access.rules import HANDED_FOR, limits_of
from practice.rights.export import name_file
from practice.rights.forms import JSON
from practice.rights.routes import as_file, few_tries, fits, own
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("access", __name__, url_prefix="/you/record")


@bp.get("")
@client
def whole() -> ResponseReturnValue:
    return _page(ReadForm(formdata=None))


@bp.get("/ask")
@client
def asking() -> ResponseReturnValue:
    return _asking_page(AskForm(formdata=None))


@bp.post("/ask")
@client
@few_tries
def ask() -> ResponseReturnValue:
    person, form = own(), AskForm()
    if not fits(form, person):
        return _asking_page(form), 422
    with begin_work() as work:
        actions.ask(work, person)
    return redirect(url_for("access.whole"))  # which begins with it


@bp.post("/back")
@client
@few_tries
def take_back() -> ResponseReturnValue:
    person, form = own(), BackForm()
    if not fits(form, person):
        return _page(ReadForm(formdata=None), form), 422
    with begin_work() as work:
        actions.take_back(work, person)
    flash(_("You took your request back."))
    return redirect(url_for("access.whole"))


@bp.post("/read")
@client
@few_tries
def read() -> ResponseReturnValue:
    person, form = own(), ReadForm()
    if queries.find_copy(person.id, clock().now()) is None:
        raise NotFound
    if not fits(form, person):
        return _page(form), 422
    with begin_work() as work:
        copy = queries.find_copy(person.id, work.now)
        if copy is None:
            raise NotFound
        about = {"kind": form.kind.data or ""}
        record(work, f"client:{person.reference}", "access_read", copy.request.reference, about)
        found, made = queries.open_copy(copy), copy.made_at
    if form.kind.data == JSON:
        return as_file(found, name_file(made))
    return render_template("rights/access/record.html", found=queries.to_show(found))


def _page(form: ReadForm, back: BackForm | None = None) -> str:
    person = own()
    last = queries.find_last(person.id)
    return render_template(
        "rights/access/whole.html",
        form=form,
        back=back or BackForm(formdata=None),
        has_code=person.code_hash is not None,
        last=last,
        copy=queries.find_copy(person.id, clock().now()),
        longer=words_of_extension(last) if last is not None else "",
        country=last.country if last is not None else profile().help_region,
        zone=person.zone,
        days=HANDED_FOR.days,
    )


def _asking_page(form: AskForm) -> str:
    person, country = own(), profile().help_region
    return render_template(
        "rights/access/ask.html",
        form=form,
        has_code=person.code_hash is not None,
        open=queries.find_open(person.id),
        limit=limits_of(country).first,
        days=HANDED_FOR.days,
    )
