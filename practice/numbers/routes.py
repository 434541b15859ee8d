"""The pages of numbers, their pictures, and the file of each table."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice import csv_files
from practice.access import staff
from practice.audit import record
from practice.clock import clock
from practice.errors import NotFound, Refused
from practice.numbers.drawing import PAPERS, draw
from practice.numbers.periods import CHOICES, USUAL
from practice.numbers.reading import MONEY, PEOPLE_KEYS, Look
from practice.numbers.series import Series, Voice
from practice.profile import profile
from practice.speaking import gettext as _
from practice.speaking import telling
from practice.staff.fresh import ask_unless_lately
from practice.staff.models import CLINICIAN, COORDINATOR, OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("numbers", __name__, url_prefix="/staff/numbers")

READERS = (OWNER, CLINICIAN)
OF_MONEY = (OWNER, COORDINATOR)  # whoever sees the page Money


@bp.get("/")
@staff(*READERS)
def desk() -> ResponseReturnValue:
    look = _look()
    return _page("desk", look, look.desk())


@bp.get("/people")
@staff(*READERS)
def people() -> ResponseReturnValue:
    look = _look()
    return _page("people", look, look.people())


@bp.get("/money")
@staff(*OF_MONEY)
def money() -> ResponseReturnValue:
    look = _look()
    return _page("money", look, look.money())


@bp.get("/<plot>.svg")
@staff(*READERS, COORDINATOR)
def picture(plot: str) -> ResponseReturnValue:
    """A picture of a page that was noted in the audit log when it was opened."""
    series = _series(plot, _look())
    if series.is_empty:
        raise NotFound
    return Response(draw(series, _paper()), content_type="image/svg+xml")


@bp.post("/<plot>.csv")
@staff(*READERS, COORDINATOR)
def export(plot: str) -> ResponseReturnValue:
    look = _look()
    series = _series(plot, look)
    away = ask_unless_lately(url_for(_page_of(plot), weeks=look.weeks))
    if away is not None:
        return away
    rows = series.rows()
    with begin_work() as work:
        record(work, signed_in().actor, "numbers_exported", plot, {"weeks": look.weeks, "count": len(rows)})
    said = csv_files.BYTE_ORDER_MARK + csv_files.write_csv(series.headings, rows)
    answer = Response(said, content_type=csv_files.TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{plot}-{look.weeks}-weeks.csv"'
    return answer


def _page(group: str, look: Look, series: list[Series]) -> str:
    with begin_work() as work:
        record(work, signed_in().actor, "numbers_viewed", group, {"weeks": look.weeks})
    account = signed_in()
    tabs = [
        (_("Requests and sessions"), "numbers.desk", READERS),
        (_("What people bring"), "numbers.people", READERS),
        (_("Money"), "numbers.money", OF_MONEY),
    ]
    return render_template(
        "numbers/numbers.html",
        group=group,
        look=look,
        series=series,
        choices=CHOICES,
        tabs=[(label, endpoint) for label, endpoint, roles in tabs if account.is_any_of(*roles)],
    )


def _look() -> Look:
    asked = request.args.get("weeks", str(USUAL))
    if asked not in map(str, CHOICES):
        raise Refused(_("Numbers are of the last 13, 26 or 52 weeks. Choose one of these on the page."))
    known = profile()
    return Look(int(asked), clock().now(), known.zone, known.currency, Voice(_, telling()))


def _series(plot: str, look: Look) -> Series:
    """The series of this name, for whoever may see it.

    :raises NotFound: for everybody else, as if there were none.
    """
    roles = OF_MONEY if plot.startswith(MONEY) else READERS
    found = look.find(plot) if signed_in().is_any_of(*roles) else None
    if found is None:
        raise NotFound
    return found


def _page_of(plot: str) -> str:
    if plot.startswith(MONEY):
        return "numbers.money"
    return "numbers.people" if plot in PEOPLE_KEYS else "numbers.desk"


def _paper() -> str:
    asked = request.args.get("paper", "light")
    if asked not in PAPERS:
        raise NotFound
    return asked
