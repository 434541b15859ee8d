"""The desk's pages for taxes: the sums of a month or a year, each payout with its lines, the file, and the rate."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice import csv_files
from practice.access import staff
from practice.audit import record
from practice.clock import clock
from practice.errors import Refused
from practice.payments import bookkeeping
from practice.presenting import month_name
from practice.profile import profile
from practice.speaking import gettext as _
from practice.staff.models import COORDINATOR, OWNER
from practice.staff.queries import signed_in
from practice.till.forms import TaxRateForm
from practice.till.tax_queries import list_entries, read_report
from practice.till.tax_report import Period, plain_amount, read_period, write_lines
from practice.work import begin_work

bp = Blueprint("taxes", __name__, url_prefix="/staff/money")


@bp.get("/taxes")
@staff(OWNER, COORDINATOR)
def taxes() -> ResponseReturnValue:
    return _page(TaxRateForm(formdata=None, rate=profile().tax_percent or ""))


@bp.get("/taxes.csv")
@staff(OWNER, COORDINATOR)
def export() -> ResponseReturnValue:
    period = _asked_period()
    entries = list_entries(period, profile().zone)
    with begin_work() as work:
        record(work, signed_in().actor, "taxes_exported", period.name, {"count": len(entries)})
    answer = Response(write_lines(entries), content_type=csv_files.TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="taxes-{period.name}.csv"'
    return answer


@bp.post("/taxes/read")
@staff(OWNER, COORDINATOR)
def read() -> ResponseReturnValue:
    with begin_work() as work:
        bookkeeping.ask_to_read(work)
    flash(_("It is being read. Load this page again in a minute."))
    return redirect(url_for("taxes.taxes", period=_asked_period().name))


@bp.post("/taxes/rate")
@staff(OWNER)
def rate() -> ResponseReturnValue:
    form = TaxRateForm()
    if not form.validate_on_submit():
        return _page(form), 422
    with begin_work() as work:
        bookkeeping.set_tax(work, signed_in().actor, form.percent, form.since.data)
    flash(_("The rate is saved."))
    return redirect(url_for("taxes.taxes", period=_asked_period().name))


def _page(form: TaxRateForm) -> str:
    zone = profile().zone
    period = _asked_period()
    report = read_report(period, zone)
    page = render_template(
        "till/taxes.html",
        report=report,
        amount=plain_amount,
        before=_name(period.first - timedelta(days=1), period),
        after=_name(period.end, period),
        before_said=_said(period.first - timedelta(days=1), period),
        after_said=_said(period.end, period),
        year=f"{period.first:%Y}",
        form=form,
        owner=signed_in().is_any_of(OWNER),
        zone=zone,
    )
    with begin_work() as work:
        record(work, signed_in().actor, "list_viewed", "taxes", {"count": len(report.entries)})
    return page


def _name(day: date, like: Period) -> str:
    return f"{day:%Y}" if like.is_year else f"{day:%Y-%m}"


def _said(day: date, like: Period) -> str:
    return f"{day:%Y}" if like.is_year else month_name(day)


def _asked_period() -> Period:
    today = clock().now().astimezone(ZoneInfo(profile().zone)).date()
    try:
        return read_period(request.args.get("period") or f"{today:%Y-%m}")
    except ValueError:
        raise Refused(_("That can’t be read. Write a month as 2027-05, or a year as 2027.")) from None
