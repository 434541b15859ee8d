"""What changes the waiting list. A time that is freed goes to the first wish that it fits, in the same work.

So nobody else ever sees it open in between, and the claims alone keep two offers of one time apart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from practice.booking.claims import SlotTaken
from practice.booking.lifecycle import State
from practice.booking.messages import PlaceOpened, TimeOffered
from practice.booking.models import Booking, Eligibility
from practice.booking.offers.queries import Offer, find_offers
from practice.booking.openings import open_times
from practice.booking.placing import Placed, place
from practice.booking.prices.queries import own_prices
from practice.booking.queries import is_accepted, is_reviewed_first
from practice.booking.waiting.models import Answer, PlaceWish, Wish, WishOffer, WishState
from practice.booking.waiting.queries import (
    OPEN,
    could_serve,
    find_candidates,
    find_offer_of_booking,
    first_fitting,
    suits,
)
from practice.errors import Conflict, Refused
from practice.languages import N_
from practice.people import Person, takes_mail
from practice.spans import Span, overlap
from practice.tokens import reference
from practice.work import Work

MOST_WISHES = 3
TRIES = 3  # a time may be somebody else's at the very moment at which we offer it
Openings = Sequence[tuple[Offer, Sequence[Span]]]
OFFER_LIFE = timedelta(hours=12)  # half of what is left, where the session is sooner


class TooManyWishes(Conflict):
    """One person may wait for a few things, not for everything."""

    title = N_("You are waiting for three times already")
    way_out = N_("Take one of your wishes back first.")


class NotByMail(Refused):
    """The waiting list writes letters, and this person wants none."""

    title = N_("The waiting list needs an email address")
    way_out = N_("You asked us not to write to you. Call us, and we note your wish for you.")


class NotToWishFor(Refused):
    """Their intake doesn't open what they wish for."""

    title = N_("A few questions come first")
    way_out = N_("Start with the short intake; then say what you wait for.")


@dataclass(frozen=True)
class WishedFor:
    """What somebody waits for. `weekdays` counts from Monday, 0; the hours are wall times in `zone`."""

    offering_id: int
    therapist_id: int | None
    language: str | None
    weekdays: Sequence[int]
    opens: time
    closes: time
    zone: str


def make_wish(work: Work, person: Person, wished: WishedFor) -> Wish:
    """Put a person onto the waiting list, for as long as their intake opens times.

    :raises NotToWishFor: when nothing that they may book is wished for.
    :raises NotByMail: when we may not write to them.
    :raises TooManyWishes: when they have MOST_WISHES already.
    """
    eligibility = work.session.get(Eligibility, person.id, with_for_update=True, populate_existing=True)
    if eligibility is None or eligibility.expires_at <= work.now:
        raise NotToWishFor
    if not takes_mail(person):
        raise NotByMail
    mine = select(Wish.id).where(Wish.person_id == person.id, Wish.state.in_(OPEN))
    if len(work.session.scalars(mine).all()) >= MOST_WISHES:
        raise TooManyWishes
    wish = Wish(
        reference=reference("w"),
        person_id=person.id,
        offering_id=wished.offering_id,
        therapist_id=wished.therapist_id,
        language=wished.language,
        weekdays=sorted(set(wished.weekdays)),
        opens=wished.opens,
        closes=wished.closes,
        zone=wished.zone,
        state=WishState.WAITING,
        made_at=work.now,
        runs_out_at=eligibility.expires_at,
    )
    work.session.add(wish)
    work.session.flush()
    if not any(could_serve(wish, offer, work.now) for offer in find_offers().values()):
        raise NotToWishFor
    return wish


def withdraw_wish(work: Work, wish: Wish) -> None:
    """Take a wish back. A time that is kept for it stays kept until its own answer."""
    if wish.state in OPEN:
        wish.state = WishState.WITHDRAWN


def wish_for_place(work: Work, person: Person, region: str) -> None:
    """Note that somebody wants to hear when somebody is licensed where they are."""
    row = work.session.get(PlaceWish, person.id) or PlaceWish(person_id=person.id)
    row.region, row.asked_at, row.told_at = region, work.now, None
    work.session.add(row)


def tell_of_places(work: Work, regions: Sequence[str]) -> None:
    """Somebody is licensed in these places now: whoever waited for that is told, once."""
    waiting = select(PlaceWish).where(PlaceWish.region.in_(regions), PlaceWish.told_at.is_(None))
    for row in work.session.scalars(waiting.with_for_update()):
        row.told_at = work.now
        person = work.session.get_one(Person, row.person_id)
        work.post(PlaceOpened(person.reference, work.now.isoformat()))


def forget_wishes(work: Work, person_id: int) -> None:
    """Erase what somebody waited for; what was offered to them goes with it."""
    mine = select(Wish.id).where(Wish.person_id == person_id)
    work.session.execute(delete(WishOffer).where(WishOffer.wish_id.in_(mine)))
    work.session.execute(delete(Wish).where(Wish.person_id == person_id))
    work.session.execute(delete(PlaceWish).where(PlaceWish.person_id == person_id))


def run_out(work: Work) -> None:
    """End the wishes whose time is over."""
    over = update(Wish).where(Wish.state == WishState.WAITING, Wish.runs_out_at <= work.now)
    work.session.execute(over.values(state=WishState.RUN_OUT))


def note_confirmed(work: Work, booking: Booking) -> None:
    """Somebody has what they waited for: their wishes for this offering are fulfilled."""
    offered = find_offer_of_booking(booking.id)
    if offered is not None and offered.answer is None:
        offered.answer = Answer.TAKEN
        offered.wish.state = WishState.FULFILLED
    work.session.execute(
        update(Wish)
        .where(
            Wish.person_id == booking.person_id,
            Wish.offering_id == booking.offering_id,
            Wish.state == WishState.WAITING,
        )
        .values(state=WishState.FULFILLED)
        .execution_options(synchronize_session=False)
    )


def note_ended(work: Work, booking: Booking) -> None:
    """A booking ended: if it was kept for a wish that nobody answered, the wish waits again, for another time."""
    offered = find_offer_of_booking(booking.id)
    if offered is None or offered.answer is not None:
        return
    offered.answer = Answer.LEFT
    if offered.wish.state is WishState.OFFERED:
        offered.wish.state = WishState.WAITING if offered.wish.runs_out_at > work.now else WishState.RUN_OUT
    work.session.flush()


def offer_freed(work: Work, freed: Span, resource_ids: Collection[int], left_by: int | None = None) -> None:
    """Offer what is open in a freed time to the wishes that it fits, one after the other, until nothing is left.

    `resource_ids` are the therapist's and the room's whose time it was: a freed room serves whoever meets people there.
    `left_by` is the id of the person who had it, who isn't asked whether they want it back.
    """
    if freed.end <= work.now:
        return
    offers = [offer for offer in find_offers().values() if _needs_any(offer, resource_ids)]
    left = _open_in(freed, offers, work)
    for wish in find_candidates(offers, work.now):
        if wish.person_id == left_by or not any(suits(wish, span) for _, spans in left for span in spans):
            continue
        left = _offer_to(work, wish.id, left, lambda: _open_in(freed, offers, work))


def _offer_to(work: Work, wish_id: int, left: Openings, look_again: Callable[[], Openings]) -> Openings:
    """Offer one of these times to a wish, if any suits it; what is left then."""
    wish = work.session.get(Wish, wish_id, with_for_update={"of": Wish}, populate_existing=True)
    for _ in range(TRIES):
        if wish is None or wish.state is not WishState.WAITING or not _offer_first_fitting(work, wish, left):
            break
        left = look_again()
    return left


def _open_in(freed: Span, offers: Sequence[Offer], work: Work) -> Openings:
    """What each of these offers has open in a freed time, in the order in which it should be given away."""
    found = []
    for offer in offers:
        zone = ZoneInfo(offer.zone)
        first, last = freed.start.astimezone(zone).date(), freed.end.astimezone(zone).date()
        every = replace(offer, packs=False)  # packing is about what is shown first; who waits may want just this time
        spans = open_times(every, first=first, last=last, now=work.now)
        inside: list[Span] = []
        across: list[Span] = []
        for span in spans:
            blocked = offer.rules.blocked(span.start)
            if overlap(blocked, freed):
                (inside if _within(blocked, freed) else across).append(span)
        # What fits into the gap goes first: anything else would leave a smaller one beside it.
        found.append((offer, inside + across))
    return found


def _offer_first_fitting(work: Work, wish: Wish, left: Openings) -> bool:
    """Whether one of these times could be offered to the wish, or was lost to somebody else while we tried."""
    for offer, spans in left:
        if could_serve(wish, offer, work.now) and (span := first_fitting(wish, spans, offer)) is not None:
            return takes_mail(work.session.get_one(Person, wish.person_id)) and _offer(work, wish, offer, span)
    return False


def _offer(work: Work, wish: Wish, offer: Offer, span: Span) -> bool:
    deadline = work.now + min(OFFER_LIFE, (span.start - work.now) / 2)
    deadline = deadline.replace(microsecond=0)
    (offer,) = own_prices(wish.person_id, work.now).put_into([offer])
    reviewed = is_reviewed_first(accepted=is_accepted(wish.person_id), price=offer.price)
    wanted = Placed(wish.person_id, offer, span.start, State.RESERVED, deadline, offer.price, review_first=reviewed)
    try:
        booking_id, named = place(work, wanted)
    except SlotTaken:  # somebody held it at this very moment
        return True
    wish.state = WishState.OFFERED
    work.session.add(
        WishOffer(
            wish_id=wish.id,
            booking_id=booking_id,
            therapist_id=offer.therapist_id,
            starts_at=span.start,
            made_at=work.now,
        )
    )
    work.session.flush()
    work.post(TimeOffered(named))
    return True


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _needs_any(offer: Offer, resource_ids: Collection[int]) -> bool:
    return offer.resource_id in resource_ids or any(room.resource_id in resource_ids for room in offer.rooms or ())
