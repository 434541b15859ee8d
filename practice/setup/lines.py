"""The owner's pages for the help lines: whom clients are told to turn to, by country, each with its source and date.

A country's list ships with the product. The first change makes it the practice's own; every list is kept.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.clock import clock
from practice.errors import NotFound
from practice.intake import actions
from practice.intake.actions import LinesChanged
from practice.intake.documents import LINE_KINDS, HelpLine, HelpLines, list_countries
from practice.intake.lines import is_old, list_of, list_saved, number_of, own_lists
from practice.profile import profile
from practice.setup.forms import SeenForm
from practice.setup.line_forms import HelpLineForm
from practice.setup.routes import page_of
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l
from practice.staff.models import OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("lines", __name__, url_prefix="/staff/setup/lines")

NAMES = {
    "US": _l("United States"),
    "CA": _l("Canada"),
    "GB": _l("United Kingdom"),
    "elsewhere": _l("Everywhere else"),
}
KINDS = {"crisis": _l("If everything is too much"), "abuse": _l("If somebody is afraid"), "youth": _l("Under 18")}


@bp.get("")
@staff(OWNER)
def lists() -> ResponseReturnValue:
    return _page()


@bp.route("/<country>/<kind>/<int:place>", methods=["GET", "POST"])
@staff(OWNER)
def line(country: str, kind: str, place: int) -> ResponseReturnValue:
    """One line, by its place in the list; the place after the last is a new one."""
    stands = _list(country, kind)
    those: tuple[HelpLine, ...] = getattr(stands, kind)
    if place > len(those):
        raise NotFound
    known = those[place] if place < len(those) else None
    form = HelpLineForm(today=_today(), only=len(those) == 1 and known is not None)
    if not form.is_submitted():
        return _line_page(country, kind, place, HelpLineForm.of(known, number_of(country), _today()))
    if not form.validate():
        return _line_page(country, kind, place, form), 422
    kept = () if form.remove.data else (form.line(),)
    lists: dict[str, Any] = {kind: (*those[:place], *kept, *those[place + 1 :])}
    changed = replace(stands, **lists)
    return _save(country, changed, int(form.seen.data or 0), _("The line is saved. Clients read it from now on."))


@bp.post("/<country>/shipped")
@staff(OWNER)
def shipped(country: str) -> ResponseReturnValue:
    _list(country, LINE_KINDS[0])
    form = SeenForm()
    if not form.validate_on_submit() or not (form.seen.data or "").isdigit():
        return _page(), 422
    return _save(country, None, int(form.seen.data or 0), _("The lines that ship are back."))


def _save(country: str, lines: HelpLines | None, seen: int, words: str) -> ResponseReturnValue:
    actor = signed_in().actor
    try:
        with begin_work() as work:
            actions.save_lines(work, actor, country, lines, seen=seen)
    except LinesChanged as lost:
        return _page(lost), 409
    flash(words)
    return redirect(url_for("lines.lists", _anchor=country))


def _list(country: str, kind: str) -> HelpLines:
    if country not in list_countries() or kind not in LINE_KINDS:
        raise NotFound
    return list_of(country)


def _page(lost: LinesChanged | None = None) -> str:
    today, own = _today(), own_lists()
    countries = [
        (
            country,
            NAMES.get(country, country),
            [(kind, KINDS[kind], getattr(list_of(country), kind)) for kind in LINE_KINDS],
            list_saved(country),
        )
        for country in list_countries()
    ]
    return page_of(
        "setup/lines.html",
        countries=countries,
        own=own,
        lost=lost,
        old=lambda line: is_old(line, today),
        zone=profile().zone,
    )


def _line_page(country: str, kind: str, place: int, form: HelpLineForm) -> str:
    return page_of(
        "setup/line.html",
        country=country,
        kind=kind,
        place=place,
        form=form,
        heading=f"{NAMES.get(country, country)}: {KINDS[kind]}",
        known=place < len(getattr(list_of(country), kind)),
    )


def _today() -> date:
    return clock().now().astimezone(ZoneInfo(profile().zone)).date()
