"""What was opened with a reason, for those who answer for it: lines of the page Today, and the list with every look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for

from practice.intake.models import Intake
from practice.intake.queries import find_newest_of
from practice.languages import N_
from practice.people import Person, contact_of
from practice.presenting import listing, local_datetime
from practice.profile import profile
from practice.review.glass_models import GlassGrant
from practice.review.glass_queries import KEPT_IN_VIEW, Look, is_standing, list_grants, list_looks, reason_of
from practice.review.seeing import Ties, find_sights_of, find_ties
from practice.review.sight import Sight, Tie
from practice.sealing import vault
from practice.speaking import gettext as _
from practice.staff.models import CLINICIAN, OWNER, StaffAccount
from practice.staff.noticing import Notice
from practice.staff.queries import find_actor_names

TOLD_FOR = timedelta(days=7)
# Audited looks in words; what isn't here stands with its own name.
WORDS = {
    ("intake_viewed", "private"): N_("“Just for you”"),
    ("intake_viewed", "intake"): N_("The request"),
    ("couple_viewed", ""): N_("The two together"),
    ("couple_viewed", "partner"): N_("Who comes with them"),
    ("pulse_viewed", ""): N_("How it goes"),
    ("notes_viewed", ""): N_("The notes"),
    ("intake_viewed", "print"): N_("The request, to print it"),
    ("intake_printed", ""): N_("The request on paper"),
    ("data_seen", ""): N_("The page about their data"),
    ("data_exported", ""): N_("An export"),
}


@dataclass(frozen=True)
class Seen:
    """One look in words."""

    at: datetime
    what: str


@dataclass(frozen=True)
class Opened:
    """One grant for its line. `reason` is empty for whoever reads nothing clinical of them."""

    grant: GlassGrant
    by: str
    name: str
    intake: str | None
    reason: str
    stands: bool
    ended_by: str
    looks: list[Seen]


def what_was_opened(account: StaffAccount, now: datetime) -> list[Notice]:
    """That a colleague opened lately what this account answers for: who, when, whom, and why where they read that."""
    return [
        Notice(_said(one), url_for("review.glass.opened"), _("See each look"), one.stands)
        for one in _read(account, list_grants(now - TOLD_FOR), now)
        if one.grant.account_id != account.id
    ]


def read_opened(account: StaffAccount, now: datetime) -> list[Opened]:
    """What was opened in the last 90 days, the latest first, as far as it is this account's to know."""
    return _read(account, list_grants(now - KEPT_IN_VIEW), now)


def _read(account: StaffAccount, grants: list[GlassGrant], now: datetime) -> list[Opened]:
    if not grants:
        return []
    people = {person.id for one in grants for person in one.people}
    ties, sights = find_ties(account, people), find_sights_of(account, people)
    told = [one for one in grants if _is_told(account, one, ties)]
    looks, newest = list_looks(told), find_newest_of(people)
    vault().have_ready(people)
    names = find_actor_names({one.ended_by or "" for one in told})
    return [
        Opened(
            grant=one,
            by=one.account.name,
            name=listing(_name(person) for person in one.people),
            intake=_intake_of(one.people, newest),
            reason=reason_of(one) if _reads_why(account, one, sights) else "",
            stands=is_standing(one, now),
            ended_by=names.get(one.ended_by or "", ""),
            looks=[_in_words(look) for look in looks[one.reference]],
        )
        for one in told
    ]


def _is_told(account: StaffAccount, grant: GlassGrant, ties: dict[int, Ties]) -> bool:
    if account.is_any_of(OWNER) or grant.account_id == account.id or account.actor in grant.whose.split():
        return True
    return any({Tie.OWNS, Tie.TREATS} & ties[person.id] for person in grant.people)


def _reads_why(account: StaffAccount, grant: GlassGrant, sights: dict[int, Sight]) -> bool:
    """Whoever opened it, whoever answered for them then, and those who read what is clinical of them."""
    stood = account.is_any_of(OWNER, CLINICIAN) and account.actor in grant.whose.split()
    theirs = grant.account_id == account.id or stood
    return theirs or all(sights.get(person.id) is Sight.CLINICAL for person in grant.people)


def _said(one: Opened) -> str:
    at = local_datetime(one.grant.opened_at, profile().zone)
    said = {"name": one.by, "whom": one.name, "time": at}
    if one.reason:
        return _("%(name)s opened %(whom)s with a reason, %(time)s: “%(reason)s”", **said, reason=one.reason)
    return _("%(name)s opened %(whom)s with a reason, %(time)s.", **said)


def _in_words(look: Look) -> Seen:
    known = WORDS.get((look.action, look.page))
    return Seen(look.at, _(known) if known is not None else look.action.replace("_", " ").capitalize())


def _name(person: Person) -> str:
    contact = contact_of(person)
    return contact.first_name if contact is not None else _("somebody who was forgotten")


def _intake_of(people: list[Person], newest: dict[int, Intake]) -> str | None:
    sent = [
        (one.submitted_at, one.id, one.reference) for one in (newest.get(it.id) for it in people) if one is not None
    ]
    return max(sent)[2] if sent else None
