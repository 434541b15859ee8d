"""The owner's pages for the list of others who can help."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.errors import Conflict, NotFound
from practice.own_word_forms import given_texts, read_texts
from practice.review import referrals
from practice.review.decide_forms import ReferralForm
from practice.review.models import Referral
from practice.review.referrals import Entry, ReferralChanged
from practice.speaking import gettext as _
from practice.staff.models import OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("referrals", __name__, url_prefix="/staff/setup/referrals")


@bp.get("")
@staff(OWNER)
def listed() -> ResponseReturnValue:
    """Everybody on it."""
    return render_template("review/referrals.html", listed=referrals.find_offered(), owner=True, coordinator=False)


@bp.route("/new", methods=["GET", "POST"])
@staff(OWNER)
def new() -> ResponseReturnValue:
    """One more."""
    form = ReferralForm()
    if not form.validate_on_submit():
        return _page(form, None), 422 if form.is_submitted() else 200
    with begin_work() as work:
        referrals.add(work, signed_in().actor, _entry(form))
    flash(_("It is on the list."))
    return redirect(url_for(".listed"))


@bp.route("/<reference>", methods=["GET", "POST"])
@staff(OWNER)
def change(reference: str) -> ResponseReturnValue:
    """One of them, otherwise."""
    one = referrals.get_referral(reference)
    form = ReferralForm(seen=str(one.revision), **_given(one))
    if not form.validate_on_submit():
        return _page(form, one), 422 if form.is_submitted() else 200
    try:
        with begin_work() as work:
            referrals.change(work, signed_in().actor, reference, _entry(form), seen=_revision(form))
    except ReferralChanged as lost:
        return _lost(form, reference, lost)
    flash(_("It is changed. Whoever was sent there reads it so from now on."))
    return redirect(url_for(".listed"))


@bp.post("/<reference>/end")
@staff(OWNER)
def end(reference: str) -> ResponseReturnValue:
    """Off the list."""
    form = ReferralForm()
    try:
        with begin_work() as work:
            referrals.end(work, signed_in().actor, reference, seen=_revision(form))
    except ReferralChanged as lost:
        one = referrals.get_referral(reference)
        return _lost(ReferralForm(formdata=None, **_given(one)), reference, lost)
    flash(_("It is off the list. Whoever was sent there still reads it."))
    return redirect(url_for(".listed"))


def _lost(form: ReferralForm, reference: str, lost: Conflict) -> ResponseReturnValue:
    one = referrals.get_referral(reference)
    form.seen.data = str(one.revision)
    return _page(form, one, lost), 409


def _page(form: ReferralForm, one: Referral | None, lost: Conflict | None = None) -> str:
    return render_template("review/referral.html", form=form, one=one, lost=lost)


def _given(one: Referral) -> dict[str, str]:
    """What the form begins with."""
    found = {"name": one.name, "phone": one.phone, "web": one.web}
    for text in one.own_texts:
        found |= given_texts(text, one.in_languages(text))
    return found


def _revision(form: ReferralForm) -> int:
    """The revision that was read.

    :raises NotFound: when it is none.
    """
    seen = form.seen.data or ""
    if not seen.isdecimal():
        raise NotFound
    return int(seen)


def _entry(form: ReferralForm) -> Entry:
    return Entry(
        name=form.name.data or "",
        what_for=read_texts(form, "what_for"),
        place=read_texts(form, "place"),
        phone=form.phone.data or "",
        web=form.web.data or "",
    )
