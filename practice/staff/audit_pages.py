"""The audit page: who saw or changed what, filtered, as a file, and whether its chain still verifies. For owners."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice import csv_files
from practice.access import staff
from practice.audit import record
from practice.errors import NotFound
from practice.profile import profile
from practice.speaking import gettext as _
from practice.staff import audit_checking, audit_queries
from practice.staff.audit_forms import WantedForm
from practice.staff.audit_queries import MOST_IN_A_FILE, Line, Wanted
from practice.staff.fresh import ask_unless_lately
from practice.staff.models import OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("audit", __name__, url_prefix="/staff/audit")

# Where a reference that begins so is shown, to whoever may see it: that page decides, and notes who looked.
PAGES = {
    "i_": "review.intake",
    "b_": "schedule.sessions.session",
    "c_": "couples.couple",
    "p_": "rights_desk.person",
}
HEADINGS = ("number", "at", "actor", "who", "did", "action", "about", "details")
ENTRY = re.compile(r"[0-9]{1,9}")


@bp.get("/")
@staff(OWNER)
def log() -> ResponseReturnValue:
    zone = profile().zone
    form = WantedForm(request.args, who_choices=audit_queries.list_who())
    valid = form.validate()
    wanted = form.wanted if valid else Wanted()
    before, after = _number("before"), _number("after")
    leaf = audit_queries.read_leaf(wanted, zone, before=before, after=after) if valid else None
    lines = leaf.lines if leaf is not None else []
    there = audit_queries.find_there({one.about for one in lines})
    check = audit_checking.find_check()
    page = render_template(
        "staff/audit.html",
        form=form,
        leaf=leaf,
        links={one: url_for(PAGES[one[:2]], reference=one) for one in there},
        asked=form.asked,
        check=check,
        breaches=audit_checking.breaches_of(check) if check is not None else [],
        most=MOST_IN_A_FILE,
        zone=zone,
    )
    with begin_work() as work:
        record(work, signed_in().actor, "audit_viewed", wanted.subject or "audit", {"count": len(lines)})
    return page, 200 if valid else 422


@bp.post("/log.csv")
@staff(OWNER)
def export() -> ResponseReturnValue:
    form = WantedForm(request.args, who_choices=audit_queries.list_who())
    if not form.validate():
        raise NotFound
    away = ask_unless_lately(f"{url_for('audit.log')}?{urlencode(form.asked)}")
    if away is not None:
        return away
    lines = audit_queries.list_for_file(form.wanted, profile().zone)
    with begin_work() as work:
        about = form.wanted.subject or "audit"
        record(work, signed_in().actor, "audit_exported", about, {"count": len(lines)})
        day = work.now.date()
    said = csv_files.BYTE_ORDER_MARK + csv_files.write_csv(HEADINGS, [_cells(line) for line in lines])
    answer = Response(said, content_type=csv_files.TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="log-{day.isoformat()}.csv"'
    return answer


@bp.post("/check")
@staff(OWNER)
def check() -> ResponseReturnValue:
    with begin_work() as work:
        audit_checking.ask_for_check(work, signed_in().actor)
    flash(_("The whole log is being checked. Load this page again in a minute."))
    return redirect(url_for("audit.log"), 303)


def _cells(line: Line) -> list[str]:
    details = "; ".join(f"{name}: {said}" for name, said in line.details)
    return [str(line.number), line.at.isoformat(), line.actor, line.who, line.did, line.action, line.about, details]


def _number(name: str) -> int | None:
    """The number of an entry in the address, as links of the page write it.

    :raises NotFound: for what no link of ours says.
    """
    said = request.args.get(name)
    if said is None:
        return None
    if not ENTRY.fullmatch(said):
        raise NotFound
    return int(said)
