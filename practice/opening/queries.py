"""What the pages of opening read: who may claim the practice, and what is left to do before it can be booked."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import select

from practice.booking.offers.models import Offering, Therapist
from practice.booking.offers.queries import Offer, find_offers, find_therapists
from practice.booking.openings import earliest_times
from practice.calendars.caldav.models import CalendarAccount
from practice.calendars.models import Feed
from practice.connections import FINE, MAIL, STRIPE, Unreadable, find_trial, mail_url, stripe_access
from practice.database import db
from practice.errors import NotFound
from practice.opening.models import ONLY, PracticeOpening
from practice.spans import Span
from practice.speaking import gettext as _
from practice.speaking import refusal_said
from practice.staff.models import StaffAccount
from practice.staff.queries import find_owners
from practice.tokens import token_hash

Next = tuple[Span, Offer]


@dataclass(frozen=True)
class Item:
    """One thing of the list: what it is, how it stands, and where it is done. What isn't `needed` is still worth it."""

    title: str
    done: bool
    words: str
    address: str
    leads_to: str
    needed: bool = True


def find_opening() -> PracticeOpening | None:
    """How far the practice has come; None where it was open before anybody asked."""
    return db.session.get(PracticeOpening, ONLY)


def get_way_in(token: str, now: datetime) -> PracticeOpening:
    """The opening that this address claims.

    :raises NotFound: when it is another's, was followed before, or has run out; and once there is an owner.
    """
    row = find_opening()
    if row is None or row.token_hash is None or row.expires_at is None or find_owners():
        raise NotFound
    if row.expires_at <= now or not hmac.compare_digest(row.token_hash, token_hash(token)):
        raise NotFound
    return row


def has_begun() -> bool:
    """Whether there is anything that a first visit makes: a practice that lost its owners keeps all of it."""
    return any(db.session.scalar(select(one).limit(1)) is not None for one in (Offering.id, Therapist.id))


def find_next_open(now: datetime) -> Next | None:
    """The next time that somebody can book, by the engine that offers it to them; None where there is none."""
    return next(iter(earliest_times(_bookable(), now=now, count=1)), None)


def list_items(account: StaffAccount, now: datetime) -> list[Item]:
    """All that a practice needs before it opens, computed from what stands; the order is that of doing it."""
    therapists = find_therapists()
    without_hours = [one for one in therapists if not one.weekly_hours]
    unlicensed = [one for one in therapists if not one.licence_places]
    roomless = [one for one in therapists if not one.join_link and any(o.place == "video" for o in one.offerings)]
    offers = _bookable()
    return [
        Item(
            _("Who takes bookings"),
            bool(therapists) and not roomless,
            _("No video room so far: %(names)s.", names=_names(roomless))
            if roomless
            else _names(therapists) or _("Nobody so far. Add whoever sees clients, yourself included."),
            url_for("setup.therapists"),
            _("Therapists"),
        ),
        Item(
            _("Places of license"),
            bool(therapists) and not unlicensed,
            _("None so far: %(names)s. Only clients in such a place can book.", names=_names(unlicensed))
            if unlicensed
            else _("Each therapist has at least one."),
            _therapist_page(unlicensed or therapists),
            _("Licenses"),
        ),
        Item(
            _("Hours"),
            bool(therapists) and not without_hours,
            _("None so far: %(names)s.", names=_names(without_hours))
            if without_hours
            else _("Each therapist has some. Are they true?"),
            _hours_page(without_hours or therapists),
            _("Hours"),
        ),
        Item(
            _("Offerings and prices"),
            bool(offers),
            _("Somebody offers something that clients can book. Are lengths and prices yours?")
            if offers
            else _("Nothing can be booked so far."),
            url_for("catalogue.offerings"),
            _("Offerings"),
        ),
        _mail_item(),
        _stripe_item(offers),
        Item(
            _("Your second factor"),
            account.has_second_factor,
            _("On.") if account.has_second_factor else _("Off: a password alone opens everything."),
            url_for("security.two_factor_setup"),
            _("Second factor"),
        ),
        _calendar_item(account),
    ]


def is_all_done(items: list[Item]) -> bool:
    """Whether nothing that is needed is left."""
    return all(one.done for one in items if one.needed)


def _bookable() -> list[Offer]:
    return [one for one in find_offers().values() if not one.staff_only and one.licence_places]


def _mail_item() -> Item:
    address = url_for("connections.overview", _anchor="mail")
    try:
        trial, there = find_trial(MAIL), bool(mail_url())
    except Unreadable as shut:
        return Item(_("Mail"), False, refusal_said(shut), address, _("Connections"))
    fine = there and trial is not None and trial.outcome == FINE
    words = _("A test letter left.") if fine else _("Not tried so far.")
    if not there:
        words = _("No mail server so far: no letter leaves.")
    elif trial is not None and not fine:
        words = _("The last test letter did not leave.")
    return Item(_("Mail"), fine, words, address, _("Connections"))


def _stripe_item(offers: list[Offer]) -> Item:
    address, paid = url_for("connections.overview", _anchor="stripe"), any(one.price for one in offers)
    if offers and not paid:
        return Item(_("Stripe"), True, _("Nothing costs anything, so nothing is needed."), address, _("Connections"))
    try:
        trial, there = find_trial(STRIPE), bool(stripe_access().api_key)
    except Unreadable as shut:
        return Item(_("Stripe"), False, refusal_said(shut), address, _("Connections"))
    fine = there and trial is not None and trial.outcome == FINE
    words = _("Stripe was asked, and all is well.") if fine else _("Not asked so far.")
    if not there:
        words = _("No key so far: nobody can pay.")
    elif trial is not None and not fine:
        words = _("Stripe was asked, and something is left to mend.")
    return Item(_("Stripe"), fine, words, address, _("Connections"))


def _calendar_item(account: StaffAccount) -> Item:
    looked = (select(CalendarAccount.id), select(Feed.id))
    connected = any(db.session.scalar(one.limit(1)) is not None for one in looked)
    words = _("Sessions can stand in your own calendar, and what is in it keeps you busy.")
    words = _("A calendar is connected.") if connected else words
    own = account.therapist_id is not None
    address = url_for("calendars.calendar" if own else "calendars.practice_calendar")
    return Item(_("Calendar"), connected, words, address, _("Calendar"), needed=False)


def _names(those: list[Therapist]) -> str:
    return ", ".join(one.name for one in those)


def _therapist_page(those: list[Therapist]) -> str:
    return url_for("setup.therapist", slug=those[0].slug) if those else url_for("setup.therapists")


def _hours_page(those: list[Therapist]) -> str:
    return url_for("setup.hours", slug=those[0].slug) if those else url_for("setup.therapists")
