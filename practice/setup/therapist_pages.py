"""The owner's pages for who takes bookings: somebody more, who they are for clients, somebody no longer."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.booking.offers.models import Therapist
from practice.booking.offers.queries import get_therapist
from practice.booking.offers.therapists import about as about_now
from practice.booking.offers.therapists import find_retired
from practice.clock import clock
from practice.own_word_forms import given_texts
from practice.setup import queries, therapist_actions
from practice.setup.actions import ChangedMeanwhile
from practice.setup.practice_forms import AboutForm
from practice.setup.routes import answer, page_of
from practice.speaking import gettext as _
from practice.staff.models import OWNER
from practice.staff.queries import signed_in
from practice.work import Work, begin_work

bp = Blueprint("therapists", __name__, url_prefix="/staff/setup/therapists")


@bp.route("/new", methods=["GET", "POST"])
@staff(OWNER)
def new() -> ResponseReturnValue:
    form = AboutForm(seen="new")
    added: list[str] = []

    def save(work: Work, actor: str) -> None:
        added.append(therapist_actions.add_therapist(work, actor, form.asked()).slug)

    def page(_lost: ChangedMeanwhile | None) -> str:
        return page_of("setup/therapist_new.html", form=form)

    found = answer(
        form, save, page, url_for("setup.therapists"), _("Added. Nobody can book them yet: see what is left.")
    )
    return redirect(url_for("setup.therapist", slug=added[0])) if added else found


@bp.route("/<slug>/about", methods=["GET", "POST"])
@staff(OWNER)
def about(slug: str) -> ResponseReturnValue:
    therapist = get_therapist(slug)
    given = _given(therapist)
    form = AboutForm(**given)

    def save(work: Work, actor: str) -> None:
        therapist_actions.save_about(work, actor, slug, form.asked(), seen=form.seen.data)

    def page(lost: ChangedMeanwhile | None) -> str:
        shown = AboutForm(formdata=None, **given) if lost else form
        return page_of("setup/therapist_about.html", therapist=therapist, form=shown, lost=lost)

    words = _("What clients read of %(name)s is saved.", name=therapist.name)
    return answer(form, save, page, url_for("setup.therapists"), words)


@bp.get("/<slug>/retire")
@staff(OWNER)
def ask_to_retire(slug: str) -> ResponseReturnValue:
    therapist = get_therapist(slug)
    coming = queries.count_coming(therapist, clock().now())
    return page_of("setup/therapist_retire.html", therapist=therapist, coming=coming)


@bp.post("/<slug>/retire")
@staff(OWNER)
def retire(slug: str) -> ResponseReturnValue:
    return _switch(slug, retired=True, words=_("They take no more bookings. Sessions of theirs stand."))


@bp.get("/retired")
@staff(OWNER)
def retired() -> ResponseReturnValue:
    return page_of("setup/therapists_retired.html", therapists=find_retired())


@bp.post("/<slug>/back")
@staff(OWNER)
def back(slug: str) -> ResponseReturnValue:
    return _switch(slug, retired=False, words=_("They take bookings again."))


def _given(therapist: Therapist) -> dict[str, str]:
    """What the form begins with: who somebody is now."""
    said = vars(about_now(therapist))
    found = {"seen": therapist_actions.mark_of(therapist)}
    for name, value in said.items():
        found |= given_texts(name, value) if name in Therapist.own_texts else {name: value}
    return found


def _switch(slug: str, *, retired: bool, words: str) -> ResponseReturnValue:
    actor = signed_in().actor
    with begin_work() as work:
        therapist_actions.retire_therapist(work, actor, slug, retired=retired)
    flash(words)
    return redirect(url_for("setup.therapists"))
