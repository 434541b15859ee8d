"""Booking a time for a client: which, for whom, how it is paid. Names and addresses go by POST alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from practice.access import staff
from practice.booking.claims import SlotTaken
from practice.booking.explaining import Claimed, find_busy_claimed, find_claimed
from practice.booking.holding import JointSessionsRest, NotLicensed, NotOffered
from practice.booking.offers.queries import Offer
from practice.booking.openings import open_times
from practice.clock import clock
from practice.errors import Conflict, NotFound
from practice.languages import N_
from practice.presenting import listing, local_date, local_datetime, zone_choices
from practice.regions import region_name
from practice.schedule import actions, queries
from practice.schedule.actions import Newcomer, Reserving
from practice.schedule.forms import PAYING, KnownForm, LookUpForm, NewForm, ReserveForm, TimeForm, read_day
from practice.schedule.queries import Known
from practice.speaking import current_language, ngettext
from practice.speaking import gettext as _
from practice.staff.models import ROLES
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("book", __name__, url_prefix="/book")

DAY = timedelta(days=1)
KEPT_FOR = {"24h": DAY, "3d": 3 * DAY}
EVE = "eve"
LENGTHS = {"24h": N_("24 hours, until %(time)s"), "3d": N_("3 days, until %(time)s")}


@dataclass(frozen=True)
class Chosen:
    """A time of an offer that staff want to book."""

    offer: Offer
    start: datetime


@bp.get("/")
@staff(*ROLES)
def choose() -> ResponseReturnValue:
    """Which time; once one is chosen, for whom."""
    offers, now = queries.offers_for(signed_in()), clock().now()
    offer = _asked_offer(offers)
    form = TimeForm(request.args)
    typed = bool(request.args.get("start") or request.args.get("at"))
    if offer is not None and typed and form.validate():
        start = form.instant_in(offer.zone)
        if start is not None and start > now:
            return _client_page(Chosen(offer, start))
        if start is not None:
            form.at.errors = [_("That time is over already.")]
    zone = offer.zone if offer is not None else queries.own_zone(signed_in())
    today = now.astimezone(ZoneInfo(zone)).date()
    day = max(read_day(request.args.get("day")) or today, today)
    spans = open_times(offer, first=day, last=day, now=now) if offer is not None else []
    page = render_template(
        "schedule/book.html",
        offers=offers,
        offer=offer,
        suggested=offer or _first_of(offers, request.args.get("therapist")),
        day=day,
        open=spans,
        form=form,
    )
    return page, 422 if form.errors else 200


@bp.post("/known")
@staff(*ROLES)
def known() -> ResponseReturnValue:
    """Who has this address; a page and no address of its own, so that no name is in any."""
    form = LookUpForm()
    chosen = _chosen(form.offer.data, form.starts_at)
    if not form.validate():
        return _client_page(chosen, look_up=form), 422
    found = queries.find_known(signed_in(), form.email.data or "")
    with begin_work() as work:
        actions.note_looked_up(work, signed_in(), len(found))
    if not found:
        form.email.errors = [_("Nobody has been here with this address. Check it, or fill in who is new.")]
        return _client_page(chosen, look_up=form), 422
    return _known_page(chosen, queries.find_known(signed_in(), form.email.data or ""), None)


@bp.post("/known/reserve")
@staff(*ROLES)
def reserve_known() -> ResponseReturnValue:
    form = KnownForm()
    chosen = _chosen(form.offer.data, form.starts_at)
    deadlines = _ask(form, chosen)
    who = queries.get_known(signed_in(), form.person.data or "")
    if not form.validate():
        return _known_page(chosen, [who], form), 422
    lost = _reserve(chosen, form, who.person.reference, deadlines)
    if isinstance(lost, str):
        return _kept(lost, mail=queries.get_known(signed_in(), form.person.data).mail)
    return _known_page(chosen, [who], form, lost), 422 if lost is None else 409


@bp.post("/new")
@staff(*ROLES)
def reserve_new() -> ResponseReturnValue:
    form = NewForm()
    chosen = _chosen(form.offer.data, form.starts_at)
    deadlines = _ask(form, chosen)
    if not form.validate():
        return _client_page(chosen, new=form), 422
    sharing = queries.find_known(signed_in(), form.email.data or "")
    if sharing and not form.shares.data:
        names = listing([one.name for one in sharing])
        form.email.errors = [
            _("%(names)s gave this address already. Look them up, or tick that this is somebody else.", names=names)
        ]
        return _client_page(chosen, new=form, sharing=True), 422
    newcomer = Newcomer(
        (form.first_name.data or "").strip(),
        (form.email.data or "").strip(),
        form.phone.data or "",
        form.zone.data,
        form.language.data,
    )
    lost = _reserve(chosen, form, newcomer, deadlines)
    if isinstance(lost, str):
        return _kept(lost, mail=True)
    return _client_page(chosen, new=form, lost=lost), 422 if lost is None else 409


def deadlines_for(start: datetime, now: datetime, zone: str) -> dict[str, datetime]:
    """Until when a time that begins at `start` can be kept, by what the choice is called; at most until it begins."""
    eve = datetime.combine(start.astimezone(ZoneInfo(zone)).date(), datetime.min.time(), ZoneInfo(zone))
    rounded = now.replace(microsecond=0)
    found = {key: min(rounded + length, start) for key, length in KEPT_FOR.items()}
    return found | ({EVE: eve.astimezone(start.tzinfo)} if eve > now else {})


def _reserve(
    chosen: Chosen, form: ReserveForm, who: str | Newcomer, deadlines: dict[str, datetime]
) -> str | Conflict | None:
    """The reference of what is kept now; else what was in the way, or None with the fault at its field."""
    offer = chosen.offer
    wanted = Reserving(offer, chosen.start, who, form.region.data, deadlines[form.until.data], form.agreed)
    try:
        with begin_work() as work:
            return actions.reserve_for(work, signed_in(), wanted)
    except NotLicensed:
        form.region.errors = [_who_could(offer, form.region.data)]
        return None
    except (SlotTaken, NotOffered, JointSessionsRest) as lost:
        return lost


def _who_could(offer: Offer, region: str) -> str:
    those = queries.licensed_in(offer.offering_slug, region)
    place = region_name(region, current_language())
    if not those:
        return _("Nobody here who offers this is licensed in %(place)s.", place=place)
    return ngettext(
        "%(name)s isn’t licensed in %(place)s. %(others)s is.",
        "%(name)s isn’t licensed in %(place)s. %(others)s are.",
        len(those),
        name=offer.therapist_name,
        place=place,
        others=listing(those),
    )


def _kept(reference: str, *, mail: bool) -> ResponseReturnValue:
    flash(
        _("Kept. A letter that leads to it is on its way.")
        if mail
        else _("Kept. They want no mail: tell them yourself.")
    )
    return redirect(url_for("schedule.sessions.session", reference=reference))


def _chosen(offer: str | None, start: datetime | None) -> Chosen:
    therapist, _slash, offering = (offer or "").partition("/")
    for one in queries.offers_for(signed_in()):
        if (one.therapist_slug, one.offering_slug) == (therapist, offering) and start is not None:
            return Chosen(one, start)
    raise NotFound


def _asked_offer(offers: list[Offer]) -> Offer | None:
    asked = request.args.get("offer")
    return next((one for one in offers if f"{one.therapist_slug}/{one.offering_slug}" == asked), None)


def _first_of(offers: list[Offer], slug: str | None) -> Offer | None:
    """What the list of sessions begins with for somebody who comes from a therapist's week."""
    return next((one for one in offers if one.therapist_slug == slug), None)


def _ask(form: ReserveForm, chosen: Chosen) -> dict[str, datetime]:
    """Fill in what can be chosen for this time; the deadlines by what the choices are called."""
    offer, zone = chosen.offer, chosen.offer.zone
    deadlines = deadlines_for(chosen.start, clock().now(), zone)
    words = {key: _(length, time=local_datetime(deadlines[key], zone)) for key, length in LENGTHS.items()}
    if EVE in deadlines:
        eve = local_date(deadlines[EVE] - timedelta(minutes=1), zone)
        words[EVE] = _("To the end of the day before, %(day)s", day=eve)
    form.offer_deadlines(list(words.items()))
    form.name_regions(offer.therapist_name, offer.licence_places)
    form.currency = offer.price.currency
    form.offer.data, form.start.data = f"{offer.therapist_slug}/{offer.offering_slug}", chosen.start.isoformat()
    if not offer.price:
        form.paying.choices, form.paying.data = PAYING[1:], "free"
    return deadlines


def _in_the_way(chosen: Chosen) -> list[Claimed]:
    """What has this time by now, so that staff hear of it before they ask for names."""
    rooms = [room.resource_id for room in chosen.offer.rooms or ()]
    found = find_claimed([chosen.offer.resource_id, *rooms], chosen.offer.rules.blocked(chosen.start))
    own = found.get(chosen.offer.resource_id, [])
    taken = [found.get(resource_id, []) for resource_id in rooms]
    return own or ([one for those in taken for one in those] if rooms and all(taken) else [])


def _client_page(
    chosen: Chosen,
    look_up: LookUpForm | None = None,
    new: NewForm | None = None,
    lost: Conflict | None = None,
    *,
    sharing: bool = False,
) -> str:
    offer = chosen.offer
    named = f"{offer.therapist_slug}/{offer.offering_slug}"
    if new is None:
        new = NewForm(formdata=None, zone=offer.zone)
        _ask(new, chosen)
    new.zone.choices = [SelectChoice(name, label) for name, label in zone_choices(offer.zone)]
    look_up = look_up or LookUpForm(formdata=None, offer=named, start=chosen.start.isoformat())
    return render_template(
        "schedule/client.html",
        chosen=chosen,
        look_up=look_up,
        new=new,
        lost=lost,
        sharing=sharing or bool(new.shares.data),
        in_the_way=_in_the_way(chosen),
        busy=find_busy_claimed(chosen.offer, chosen.offer.rules.blocked(chosen.start)),
    )


def _known_page(chosen: Chosen, found: list[Known], form: KnownForm | None, lost: Conflict | None = None) -> str:
    if form is None:
        form = KnownForm(formdata=None)
        _ask(form, chosen)
    form.person.choices = [SelectChoice(one.person.reference, one.name) for one in found]
    if not form.is_submitted() or not form.person.data:
        form.person.data = found[0].person.reference if len(found) == 1 else None
        form.region.data = form.region.data or (found[0].region if len(found) == 1 else "")
    return render_template(
        "schedule/known.html",
        chosen=chosen,
        found=found,
        fees=[(one.name, queries.price_for(one, chosen.offer, clock().now())) for one in found],
        form=form,
        lost=lost,
        in_the_way=_in_the_way(chosen),
        busy=find_busy_claimed(chosen.offer, chosen.offer.rules.blocked(chosen.start)),
    )
