"""What owners do about who takes bookings, noted, and told to whoever waited for it."""

from __future__ import annotations

from dataclasses import astuple

from practice.audit import record
from practice.booking.offers import therapists
from practice.booking.offers.models import Therapist
from practice.booking.offers.therapists import About
from practice.profile import profile
from practice.setup import queries
from practice.setup.actions import check_seen
from practice.work import Work


def mark_of(therapist: Therapist) -> str:
    """Who somebody is, in a few letters."""
    return queries.mark_of(astuple(therapists.about(therapist)))


def add_therapist(work: Work, actor: str, asked: About) -> Therapist:
    """Have somebody more, in the practice's own zone at first.

    :raises InvalidOffer: where a field is wrong.
    """
    therapist = therapists.add_therapist(work, asked, zone=profile().zone)
    record(work, actor, "therapist_added", therapist.slug)
    return therapist


def save_about(work: Work, actor: str, slug: str, asked: About, *, seen: str | None = None) -> None:
    """Keep who somebody is for clients.

    :raises ChangedMeanwhile: when it stands otherwise than `seen`.
    :raises InvalidOffer: where a field is wrong.
    """
    therapist = therapists.lock_anybody(work, slug)
    check_seen(seen, mark_of(therapist))
    therapists.save_about(work, therapist, asked)
    record(work, actor, "therapist_described", slug)


def retire_therapist(work: Work, actor: str, slug: str, *, retired: bool) -> None:
    """Have somebody take no more bookings, or take them again.

    :raises NotFound: when there is nobody of this name.
    """
    therapists.retire_therapist(work, therapists.lock_anybody(work, slug), retired=retired)
    record(work, actor, "therapist_retired" if retired else "therapist_back", slug)
