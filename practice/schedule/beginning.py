"""How a couple's session begins: apart, until a clinician has cleared joint time. No client ever reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.offers.models import FOR_TWO
from practice.clearing.queries import Plan, find_plan
from practice.staff.clinical import reads_clinically
from practice.staff.models import StaffAccount
from practice.staff.queries import find_actor_names

STANDS = (State.IN_REVIEW, State.CONFIRMED)


@dataclass(frozen=True)
class Begins:
    """How a couple's session begins. Whoever reads nothing clinical of it has no `plan`: it says no more than that.

    `couple` is the reference of the two where they have joined, and `by` who cleared their joint time.
    """

    plan: Plan | None
    couple: str | None = None
    by: str = ""


def find_beginning(account: StaffAccount, booking: Booking, now: datetime) -> Begins | None:
    """How a session begins, for its therapist and whoever reads what is clinical of its client.

    None where one person comes, or the session is over or doesn't stand.
    """
    if booking.offering.attendance != FOR_TWO or booking.state not in STANDS or booking.ends_at <= now:
        return None
    if booking.therapist_id != account.therapist_id and not reads_clinically(account, booking.person_id):
        return Begins(None)
    plan = find_plan(booking)
    if plan is None:
        return None
    by = plan.last.cleared_by if plan.last is not None else ""
    return Begins(plan, plan.couple, find_actor_names({by}).get(by, ""))
