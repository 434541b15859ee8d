"""Who takes bookings: somebody more, who they are for clients, and somebody no longer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import chain, count

from sqlalchemy import select

from practice.booking.offers.checks import LONGEST_ADDRESS, LONGEST_NAME, Problem, check, problems_of_texts
from practice.booking.offers.models import Resource, Therapist
from practice.database import db
from practice.errors import NotFound
from practice.own_words import Texts
from practice.speaking import gettext as _
from practice.work import Work

LONGEST_APPROACH = 2000
LONGEST_LINK = 300
LONGEST_EMAIL = 254
RESERVED = ("new", "retired", "any")  # addresses of pages: somebody more, and whoever is free
MAILABLE = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\]+")


@dataclass(frozen=True)
class About:
    """Who a therapist is for clients, in each language, and how they are reached."""

    name: str
    title: Texts
    approach: Texts
    email: str
    join_link: str
    office: str


def problems_of_about(asked: About, stands: About | None = None) -> Iterator[Problem]:
    """What is wrong with it; `stands` is who they are now."""
    lines = (("name", LONGEST_NAME), ("join_link", LONGEST_LINK), ("office", LONGEST_ADDRESS))
    for field, longest in lines:
        value = getattr(asked, field)
        if len(value) > longest or not value.isprintable():
            yield Problem(field, _("Write one line of %(longest)s letters at most.", longest=longest))
    if not asked.name:
        yield Problem("name", _("Write their name, as clients read it."))
    yield from problems_of_texts("title", asked.title, stands.title if stands else None, LONGEST_NAME)
    yield from problems_of_texts(
        "approach", asked.approach, stands.approach if stands else None, LONGEST_APPROACH, lines=True
    )
    if not MAILABLE.fullmatch(asked.email) or not asked.email.isprintable() or len(asked.email) > LONGEST_EMAIL:
        yield Problem("email", _("Write an address that letters can go to, as in ada@example.org."))
    if asked.join_link and (not asked.join_link.startswith("https://") or " " in asked.join_link):
        yield Problem("join_link", _("Write the whole address of the video room, beginning with https://"))


def add_therapist(work: Work, asked: About, *, zone: str) -> Therapist:
    """Have somebody more. They offer nothing and are licensed nowhere so far, so nobody can book them yet.

    :raises InvalidOffer: where a field is wrong.
    """
    check(problems_of_about(asked))
    therapist = Therapist(
        resource=Resource(kind="therapist"),
        slug=_free_slug(work, asked.name),
        zone=zone,
        languages=["English"],
        licence_places=[],
        active=True,
    )
    _fill(therapist, asked)
    work.session.add(therapist)
    work.session.flush()
    return therapist


def save_about(work: Work, therapist: Therapist, asked: About) -> None:
    """Keep who they are. Their address on our pages stays, so that links to it do.

    :raises InvalidOffer: where a field is wrong.
    """
    check(problems_of_about(asked, about(therapist)))
    _fill(therapist, asked)
    work.session.flush()


def retire_therapist(work: Work, therapist: Therapist, *, retired: bool) -> None:
    """Have somebody take no more bookings, or take them again. Sessions of theirs stand either way."""
    therapist.active = not retired
    work.session.flush()


def find_retired() -> list[Therapist]:
    """Everybody who takes bookings no longer, by name."""
    return list(db.session.scalars(select(Therapist).where(Therapist.active.is_(False)).order_by(Therapist.name)))


def lock_anybody(work: Work, slug: str) -> Therapist:
    """A therapist, whether they take bookings or not, locked.

    :raises NotFound: when there is nobody of this name.
    """
    found = select(Therapist).where(Therapist.slug == slug).with_for_update(key_share=True)
    therapist = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if therapist is None:
        raise NotFound
    return therapist


def about(therapist: Therapist) -> About:
    """Who they are, as it stands."""
    return About(
        name=therapist.name,
        title=therapist.in_languages("title"),
        approach=therapist.in_languages("approach"),
        email=therapist.email,
        join_link=therapist.join_link,
        office=therapist.office,
    )


def _fill(therapist: Therapist, asked: About) -> None:
    for one in fields(asked):
        setattr(therapist, one.name, getattr(asked, one.name))


def _free_slug(work: Work, name: str) -> str:
    stem = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")[:50] or "therapist"
    used = {*RESERVED, *work.session.scalars(select(Therapist.slug))}
    return next(slug for slug in chain([stem], (f"{stem}-{number}" for number in count(2))) if slug not in used)
