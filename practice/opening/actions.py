"""What changes how far a practice has come: a way in, the practice itself, its owner, and that it is open."""

from __future__ import annotations

from datetime import timedelta

from practice.audit import record
from practice.booking.offers.checks import Problem, check
from practice.booking.offers.therapists import MAILABLE, problems_of_about
from practice.database import add_if_absent
from practice.desk_hours import read_weekly
from practice.errors import Conflict
from practice.first_run import PracticeAnswers, about_of, add_owner, write_profile
from practice.languages import N_
from practice.opening import queries
from practice.opening.models import ONLY, PracticeOpening
from practice.setup.practice_details import PracticeDetails, problems_of_practice
from practice.speaking import current_language, spoken
from practice.speaking import gettext as _
from practice.staff.actions import create_account
from practice.staff.models import OWNER, StaffAccount
from practice.staff.people.queries import same_address
from practice.tokens import new_token, token_hash
from practice.work import Work

WAY_IN_LIFE = timedelta(hours=24)
BY_COMMAND = "command"
FIRST_VISIT = "first visit"  # nobody is signed in yet


class SetUpMeanwhile(Conflict):
    """Another visit was quicker."""

    title = N_("The practice was set up meanwhile")
    way_out = N_("Sign in, if it was you. If it wasn’t, have somebody look at the machine.")


def make_way_in(work: Work) -> str:
    """The secret of a one-time address for whoever sets the practice up; one that was made before is worth nothing."""
    add_if_absent(work.session, PracticeOpening, id=ONLY, begun_at=work.now)
    row = work.session.get_one(PracticeOpening, ONLY, with_for_update=True, populate_existing=True)
    token = new_token()
    row.token_hash, row.expires_at = token_hash(token), work.now + WAY_IN_LIFE
    record(work, BY_COMMAND, "way_in_made", "practice")
    return token


def name_practice(work: Work, token: str, asked: PracticeDetails, desk_hours: str) -> None:
    """Write what holds for the whole practice; `desk_hours` as desk_hours.py reads it.

    :raises NotFound: when the address is worth nothing (any more).
    :raises InvalidOffer: where a field is wrong.
    :raises SetUpMeanwhile: when it is written already.
    """
    _lock(work, token)
    check(iter([*problems_of_practice(asked), *_problems_of_hours(desk_hours)]))
    try:
        write_profile(work, asked, desk_hours=desk_hours)
    except ValueError:
        raise SetUpMeanwhile from None
    record(work, FIRST_VISIT, "practice_named", "practice")


def claim(work: Work, token: str, answers: PracticeAnswers, password_hash: str) -> StaffAccount:
    """Give the practice its owner, who is its first therapist, and the usual offerings and hours. The address is spent.

    :raises NotFound: when the address is worth nothing (any more).
    :raises InvalidOffer: where a field is wrong.
    :raises SetUpMeanwhile: where something is offered already, or somebody takes bookings.
    """
    row = _lock(work, token)
    if queries.has_begun():
        raise SetUpMeanwhile
    problems = [_as_asked(problem) for problem in problems_of_about(about_of(answers))]
    if not answers.licence_places:
        problems.append(Problem("licence_places", _("Choose at least one place; without one nobody can book.")))
    check(iter(problems))
    account = add_owner(work, answers, password_hash)
    row.token_hash = row.expires_at = None
    record(work, account.actor, "practice_claimed", "practice")
    return account


def regain(work: Work, token: str, email: str, password_hash: str) -> StaffAccount:
    """Give a practice that stands, and that nobody owns any more, an owner; all else stays. The address is spent.

    :raises NotFound: when the address is worth nothing (any more).
    :raises InvalidOffer: where letters can't go to that address, or somebody has it.
    """
    row = _lock(work, token)
    check(iter(_problems_of_address(email)))
    language = current_language()
    account = create_account(work, email=email, password_hash=password_hash, roles=(OWNER,), language=language)
    row.token_hash = row.expires_at = None
    record(work, account.actor, "practice_regained", "practice")
    return account


def note_open(work: Work, actor: str) -> None:
    """Note that the practice is open: the list of what is left goes from Today."""
    row = work.session.get(PracticeOpening, ONLY, with_for_update=True)
    if row is not None and row.opened_at is None:
        row.opened_at = work.now
        record(work, actor, "practice_opened", "practice")


def begin(work: Work) -> None:
    """Have a practice that was set up just now show what is left to do."""
    add_if_absent(work.session, PracticeOpening, id=ONLY, begun_at=work.now)


def _lock(work: Work, token: str) -> PracticeOpening:
    row = queries.get_way_in(token, work.now)
    work.session.refresh(row, with_for_update=True)
    return queries.get_way_in(token, work.now)  # somebody may have been quicker


def _problems_of_hours(desk_hours: str) -> list[Problem]:
    try:
        read_weekly(desk_hours)
    except ValueError as problem:
        return [Problem("desk_hours", spoken(*problem.args))]
    return []


def _problems_of_address(email: str) -> list[Problem]:
    if not MAILABLE.fullmatch(email) or not email.isprintable():
        return [Problem("owner_email", _("Write an address that letters can go to, as in ada@example.org."))]
    if any(same_address(email.lower())):
        words = _(
            "Somebody has this address already. Write another one: as the owner you can then open or change theirs "
            "under People."
        )
        return [Problem("owner_email", words)]
    return []


def _as_asked(problem: Problem) -> Problem:
    """At the field in which an owner is asked for it."""
    field = {"name": "therapist_name", "email": "owner_email"}.get(problem.field, problem.field)
    return Problem(field, problem.words)
