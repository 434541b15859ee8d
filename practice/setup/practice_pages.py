"""The owner's pages for what holds for the whole practice: what clients read of it, and how booking goes."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.setup import practice_details as details
from practice.setup.actions import ChangedMeanwhile
from practice.setup.practice_forms import BookingRulesForm, PracticeForm
from practice.setup.routes import answer, page_of
from practice.speaking import gettext as _
from practice.staff.models import OWNER
from practice.work import Work

bp = Blueprint("practice_pages", __name__, url_prefix="/staff/setup/practice")


@bp.route("", methods=["GET", "POST"])
@staff(OWNER)
def practice() -> ResponseReturnValue:
    form = PracticeForm(**_given(details.read_details()))

    def save(work: Work, actor: str) -> None:
        details.save_practice(work, actor, form.asked(), seen=form.seen.data)

    def page(lost: ChangedMeanwhile | None) -> str:
        shown = PracticeForm(formdata=None, **_given(details.read_details())) if lost else form
        return page_of("setup/practice.html", form=shown, lost=lost, fixed=details.has_sums())

    words = _("Saved. Clients read it from now on, on every page and in every letter.")
    return answer(form, save, page, url_for("practice_pages.practice"), words)


@bp.route("/booking", methods=["GET", "POST"])
@staff(OWNER)
def booking() -> ResponseReturnValue:
    form = BookingRulesForm(**_given(details.read_rules()))

    def save(work: Work, actor: str) -> None:
        details.save_rules(work, actor, form.asked(), seen=form.seen.data)

    def page(lost: ChangedMeanwhile | None) -> str:
        shown = BookingRulesForm(formdata=None, **_given(details.read_rules())) if lost else form
        return page_of("setup/booking_rules.html", form=shown, lost=lost)

    words = _("Saved. It holds for what is booked from now on.")
    return answer(form, save, page, url_for("practice_pages.booking"), words)


def _given(stands: details.PracticeDetails | details.BookingRules) -> dict[str, object]:
    return {"seen": details.mark_of(stands), **asdict(stands)}
