"""Staff's pages for what the practice has: offerings, which the owner sets, and rooms, which the desk sets too.

Nothing is ever deleted: an offering is archived, a room retired, and both can come back. Sessions keep what they had.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.booking.offers.models import Offering, Room
from practice.booking.offers.queries import find_all_offerings, find_rooms, find_therapists
from practice.booking.prices.amounts import write_amount
from practice.errors import NotFound
from practice.own_word_forms import given_texts
from practice.profile import profile
from practice.setup import actions, queries
from practice.setup.actions import ChangedMeanwhile
from practice.setup.forms import OfferingForm, RoomForm
from practice.setup.routes import answer, page_of, therapist_choices
from practice.speaking import gettext as _
from practice.staff.models import COORDINATOR, OWNER
from practice.staff.queries import signed_in
from practice.work import Work, begin_work

bp = Blueprint("catalogue", __name__, url_prefix="/staff/setup")

NEW = "new"  # what a form has seen of something that isn't there yet
# What a new offering begins with.
USUAL = {
    "seen": NEW,
    "attendance": "couple",
    "place": "video",
    "visit": "any",
    "session_minutes": 50,
    "step_minutes": 30,
    "before_minutes": 0,
    "after_minutes": 10,
    "notice_hours": 24,
    "horizon_days": 60,
    "late_cancel_hours": 48,
    "late_waiver": True,
}


@bp.get("/offerings")
@staff(OWNER)
def offerings() -> ResponseReturnValue:
    return page_of("setup/offerings.html", offerings=find_all_offerings(), names=_names("offerings"))


@bp.route("/offerings/new", methods=["GET", "POST"])
@staff(OWNER)
def new_offering() -> ResponseReturnValue:
    form = OfferingForm(currency=profile().currency, **USUAL)
    form.therapists.choices = therapist_choices()

    def save(work: Work, actor: str) -> None:
        actions.add_offering(work, actor, form.asked())

    def page(_lost: ChangedMeanwhile | None) -> str:
        return page_of("setup/offering.html", offering=None, form=form, currency=form.currency, lost=None)

    return answer(form, save, page, url_for("catalogue.offerings"), _("The offering is there."))


@bp.route("/offerings/<slug>", methods=["GET", "POST"])
@staff(OWNER)
def offering(slug: str) -> ResponseReturnValue:
    found = queries.find_offering(slug)
    if found is None:
        raise NotFound
    form = _offering_form(found)

    def save(work: Work, actor: str) -> None:
        actions.save_offering(work, actor, slug, form.asked(), seen=form.seen.data)

    def page(lost: ChangedMeanwhile | None) -> str:
        shown = _offering_form(found, bound=False) if lost else form
        return page_of("setup/offering.html", offering=found, form=shown, currency=found.currency, lost=lost)

    return answer(form, save, page, url_for("catalogue.offerings"), _("Saved. What is booked already stays as it is."))


@bp.post("/offerings/<slug>/archive")
@staff(OWNER)
def archive(slug: str) -> ResponseReturnValue:
    return _shelve(slug, archived=True)


@bp.post("/offerings/<slug>/unarchive")
@staff(OWNER)
def unarchive(slug: str) -> ResponseReturnValue:
    return _shelve(slug, archived=False)


@bp.get("/rooms")
@staff(OWNER, COORDINATOR)
def rooms() -> ResponseReturnValue:
    return page_of("setup/rooms.html", rooms=find_rooms(), names=_names("rooms"))


@bp.route("/rooms/new", methods=["GET", "POST"])
@staff(OWNER, COORDINATOR)
def new_room() -> ResponseReturnValue:
    form = RoomForm(seen=NEW, address=profile().address, seats=2)
    form.therapists.choices = therapist_choices()

    def save(work: Work, actor: str) -> None:
        actions.add_room(work, actor, form.asked())

    def page(_lost: ChangedMeanwhile | None) -> str:
        return page_of("setup/room.html", room=None, form=form, lost=None)

    return answer(form, save, page, url_for("catalogue.rooms"), _("The room is there."))


@bp.route("/rooms/<slug>", methods=["GET", "POST"])
@staff(OWNER, COORDINATOR)
def room(slug: str) -> ResponseReturnValue:
    found = queries.find_room(slug)
    if found is None:
        raise NotFound
    form = _room_form(found)

    def save(work: Work, actor: str) -> None:
        actions.save_room(work, actor, slug, form.asked(), seen=form.seen.data)

    def page(lost: ChangedMeanwhile | None) -> str:
        shown = _room_form(found, bound=False) if lost else form
        return page_of("setup/room.html", room=found, form=shown, lost=lost)

    return answer(form, save, page, url_for("catalogue.rooms"), _("The room is saved."))


@bp.post("/rooms/<slug>/retire")
@staff(OWNER, COORDINATOR)
def retire_room(slug: str) -> ResponseReturnValue:
    return _retire(slug, retired=True)


@bp.post("/rooms/<slug>/use-again")
@staff(OWNER, COORDINATOR)
def use_room_again(slug: str) -> ResponseReturnValue:
    return _retire(slug, retired=False)


def _names(of: str) -> dict[str, list[str]]:
    """The names of the therapists of each offering, or of each room, by its slug."""
    found: dict[str, list[str]] = {}
    for therapist in find_therapists():
        for one in getattr(therapist, of):
            found.setdefault(one.slug, []).append(therapist.name)
    return found


def _shelve(slug: str, *, archived: bool) -> ResponseReturnValue:
    actor = signed_in().actor
    with begin_work() as work:
        actions.archive(work, actor, slug, archived=archived)
    flash(_("It is archived: nobody can book it. Sessions of it stand.") if archived else _("It can be booked again."))
    return redirect(url_for("catalogue.offerings"))


def _retire(slug: str, *, retired: bool) -> ResponseReturnValue:
    actor = signed_in().actor
    with begin_work() as work:
        actions.retire_room(work, actor, slug, retired=retired)
    flash(_("No new session goes into this room. Those in it stay.") if retired else _("The room is used again."))
    return redirect(url_for("catalogue.rooms"))


def _offering_form(found: Offering, *, bound: bool = True) -> OfferingForm:
    names = [name for name in USUAL if name != "seen"]
    given = {
        "seen": queries.mark_of_offering(found),
        **given_texts("name", found.in_languages("name")),
        "price": write_amount(found.price),
        "therapists": [one.slug for one in find_therapists() if found in one.offerings],
        **{name: getattr(found, name) for name in (*names, "staff_only", "daily_cap", "weekly_cap")},
    }
    form = (
        OfferingForm(currency=found.currency, **given)
        if bound
        else OfferingForm(formdata=None, currency=found.currency, **given)
    )
    form.therapists.choices = therapist_choices()
    return form


def _room_form(found: Room, *, bound: bool = True) -> RoomForm:
    given = {
        "seen": queries.mark_of_room(found),
        "name": found.name,
        "address": found.address,
        "seats": found.seats,
        "therapists": [one.slug for one in find_therapists() if found in one.rooms],
    }
    form = RoomForm(**given) if bound else RoomForm(formdata=None, **given)
    form.therapists.choices = therapist_choices()
    return form
