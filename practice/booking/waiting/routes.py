"""The client's pages of the waiting list: say what would suit, see what is kept, take a wish back."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from practice.access import client
from practice.booking.offers.queries import Offer, find_offers
from practice.booking.parts import HOURS as PART_HOURS
from practice.booking.parts import SATURDAY, Part
from practice.booking.queries import find_eligibility
from practice.booking.visitor import asked_part, client_zone
from practice.booking.waiting import actions, queries
from practice.booking.waiting.forms import ANYBODY, HOURS, WishForm, full_hour, weekday_names
from practice.booking.waiting.models import Wish
from practice.clock import clock
from practice.errors import NotFound, PracticeError
from practice.own_words import voice_of
from practice.people import Person, current_person, takes_mail
from practice.presenting import languages_named, zone_name
from practice.spans import Span
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("waiting", __name__)

SHOWN_NOW = 3  # times that are open already, beside each wish


@bp.route("/waiting-list", methods=["GET", "POST"])
@client
def wishes() -> ResponseReturnValue:
    person = _person()
    form = _form(person)
    if not form.validate_on_submit():
        return _page(person, form), 422 if form.is_submitted() else 200
    wished = actions.WishedFor(
        offering_id=int(form.offering.data),
        therapist_id=int(form.therapist.data) if form.therapist.data != ANYBODY else None,
        language=form.language.data or None,
        weekdays=[int(day) for day in form.weekdays.data or ()],
        opens=time.fromisoformat(form.opens.data),
        closes=time.fromisoformat(form.closes.data),
        zone=client_zone(),
    )
    try:
        with begin_work() as work:
            actions.make_wish(work, work.session.get_one(Person, person.id), wished)
    except (actions.TooManyWishes, actions.NotByMail, actions.NotToWishFor) as refused:
        return _page(person, form, refused), 422
    flash(_("Your wish is noted. When such a time opens, we keep it for you and write to you first."))
    return redirect(url_for("waiting.wishes"))


@bp.post("/waiting-list/<reference>/withdraw")
@client
def withdraw(reference: str) -> ResponseReturnValue:
    queries.get_own_wish(reference, _person())
    with begin_work() as work:
        actions.withdraw_wish(work, queries.get_own_wish(reference, current_person()))
    flash(_("Your wish is taken back."))
    return redirect(url_for("waiting.wishes"))


def _page(person: Person, form: WishForm, refused: PracticeError | None = None) -> str:
    now = clock().now()
    eligibility = find_eligibility(person)
    return render_template(
        "waiting/wishes.html",
        form=form,
        refused=refused,
        wishes=[(wish, queries.find_open_offer(wish), _open_now(wish, now)) for wish in queries.find_wishes(person)],
        most=actions.MOST_WISHES,
        may_wish=bool(form.offering.choices),
        until=eligibility.expires_at if eligibility is not None else None,
        by_mail=takes_mail(person),
        when_of=_when_of,
        zone=client_zone(),
    )


def _open_now(wish: Wish, now: datetime) -> list[tuple[Span, Offer, str]]:
    """The first times that a wish could have at once, each with the date at which its page begins."""
    zone = ZoneInfo(client_zone())
    found = queries.find_open_now(wish, now, SHOWN_NOW)
    return [(span, offer, span.start.astimezone(zone).date().isoformat()) for span, offer in found]


def _form(person: Person) -> WishForm:
    """The form with what this person may wish for; what the address names is chosen already."""
    form = WishForm()
    eligibility, now = find_eligibility(person), clock().now()
    offerings = queries.find_offerings_to_wish_for(eligibility, now) if eligibility is not None else []
    ids = {offering.id for offering in offerings}
    serving = [
        offer
        for offer in find_offers().values()
        if eligibility is not None and offer.offering_id in ids and eligibility.region in offer.licence_places
    ]
    therapists = {str(offer.therapist_id): offer.therapist_name for offer in serving}
    languages = sorted({spoken for offer in serving for spoken in offer.languages})
    form.offering.choices = [SelectChoice(str(one.id), one.name, render_kw=voice_of(one.name)) for one in offerings]
    form.therapist.choices = [
        SelectChoice(ANYBODY, _("Anybody who is free")),
        *(SelectChoice(one, name) for one, name in sorted(therapists.items(), key=lambda known: known[1])),
    ]
    form.language.choices = [
        SelectChoice(ANYBODY, _("Any")),
        *(SelectChoice(spoken, languages_named([spoken])) for spoken in languages),
    ]
    if request.method == "GET":
        asked, whom = request.args.get("offering"), request.args.get("therapist")
        form.offering.data = next((str(one.id) for one in offerings if one.slug == asked), form.offering.data)
        form.therapist.data = next((str(one.therapist_id) for one in serving if one.therapist_slug == whom), ANYBODY)
        _choose_part(form, asked_part())
    return form


def _choose_part(form: WishForm, part: Part | None) -> None:
    """What the page of times showed is what they may wish for, too."""
    if part is Part.WEEKENDS:
        form.weekdays.data = [str(day) for day in range(SATURDAY, 7)]
    elif part is not None:
        opens, closes = PART_HOURS[part]
        form.opens.data = max(opens, HOURS[0]).isoformat("minutes")
        form.closes.data = min(closes or HOURS[-1], HOURS[-1]).isoformat("minutes")


def _when_of(wish: Wish) -> str:
    """`Monday, Tuesday, 9 am to 5 pm, Eastern Time`, `any day, at any time`"""
    names = weekday_names()
    days = _("any day") if wish.any_day else ", ".join(names[day] for day in wish.weekdays)
    if wish.any_time:
        return _("%(days)s, at any time", days=days)
    opens, closes, zone = full_hour(wish.opens), full_hour(wish.closes), zone_name(wish.zone)
    return _("%(days)s, %(opens)s to %(closes)s, %(zone)s", days=days, opens=opens, closes=closes, zone=zone)


def _person() -> Person:
    person = current_person()
    if person is None:
        raise NotFound
    return person
