"""The owner's page for how long records and documents are kept."""

from __future__ import annotations

from dataclasses import astuple

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField
from wtforms.validators import InputRequired, ValidationError

from practice.access import staff
from practice.rights import actions, queries
from practice.rights.rules import RULES, Terms
from practice.setup import queries as setup_queries
from practice.setup.actions import ChangedMeanwhile, check_seen
from practice.setup.fields import WholeField
from practice.setup.forms import SeenForm
from practice.setup.routes import page_of
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l
from practice.speaking import ngettext
from practice.staff.fresh import signed_in_lately
from practice.staff.models import OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("records", __name__, url_prefix="/staff/setup/records")

FEWEST, MOST = 1, 40


class TermsForm(SeenForm):
    """For how many years. Fewer than before erase what has run out by then, so they are asked for twice."""

    records_years = WholeField(
        _l("Records"),
        description=_l("Years after the last session."),
        validators=[InputRequired(_l("Write the years."))],
    )
    documents_years = WholeField(
        _l("Receipts, invoices, credit notes"),
        description=_l("Years after their day."),
        validators=[InputRequired(_l("Write the years."))],
    )
    sure = BooleanField(
        _l("What has run out by then is erased in the coming night, for good"),
        description=_l("Only where the years become fewer."),
    )

    def validate_records_years(self, field: WholeField) -> None:
        _check_years(field)

    def validate_documents_years(self, field: WholeField) -> None:
        _check_years(field)

    def asked(self) -> Terms:
        """What was asked for; call once the form is valid."""
        return Terms(self.records_years.data or FEWEST, self.documents_years.data or FEWEST)


@bp.get("")
@staff(OWNER)
def terms() -> ResponseReturnValue:
    return _page(_stands())


@bp.post("")
@staff(OWNER)
@signed_in_lately("records.terms")
def save() -> ResponseReturnValue:
    form, stands = TermsForm(), queries.read_terms()
    if not form.validate_on_submit():
        return _page(form), 422
    asked = form.asked()
    if (asked.records_years < stands.records_years or asked.documents_years < stands.documents_years) and (
        not form.sure.data
    ):
        form.sure.errors = [_("Tick this where you mean it: these years are fewer than before.")]
        return _page(form), 422
    actor = signed_in().actor
    try:
        with begin_work() as work:
            check_seen(form.seen.data, _mark(queries.read_terms()))
            actions.set_terms(work, actor, records_years=asked.records_years, documents_years=asked.documents_years)
    except ChangedMeanwhile as lost:
        return _page(_stands(), lost), 409
    flash(_("Saved. What runs out is listed under Data, before the night in which it goes."))
    return redirect(url_for("records.terms"))


def _check_years(field: WholeField) -> None:
    if field.data is not None and not FEWEST <= field.data <= MOST:
        words = _("Write %(fewest)s to %(most)s years, as the law of the practice asks.", fewest=FEWEST, most=MOST)
        raise ValidationError(words)


def _stands() -> TermsForm:
    found = queries.read_terms()
    return TermsForm(
        formdata=None,
        seen=_mark(found),
        records_years=found.records_years,
        documents_years=found.documents_years,
    )


def _page(form: TermsForm, lost: ChangedMeanwhile | None = None) -> str:
    found = queries.read_terms()
    rules = [(_(rule.what), _(rule.after), rule.says(found, ngettext), _(rule.goes)) for rule in RULES]
    return page_of("rights/retention.html", form=form, lost=lost, rules=rules)


def _mark(found: Terms) -> str:
    return setup_queries.mark_of(astuple(found))
