"""What has run out, of everything that the night erases: whose, and why. Only reads."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, or_, select

from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking
from practice.booking.waiting.models import PlaceWish, Wish, WishState
from practice.couples import CoupleMember
from practice.database import db
from practice.erasing import is_held, is_kept
from practice.intake.models import Intake
from practice.intake.queries import INTAKE_LIFE
from practice.intake.running_out import find_place_wishes_over, find_run_out, find_unsent_parts
from practice.languages import N_, Sentence
from practice.papers.models import Paper
from practice.papers.queries import find_out_of_time
from practice.partners.queries import find_addresses_over
from practice.people import ClientSession, MailedLink, Person
from practice.profile import profile
from practice.rights.access.queries import find_run_out_copies
from practice.rights.queries import Stop, find_stops, read_terms
from practice.rights.rules import years_before
from practice.sealing import PersonKey

PERSON = N_("person")


class RunOut(NamedTuple):
    """Something that the next night erases: what kind, which one (or how many), why, and what it waits for.

    `kind` is marked words, `why` a Sentence.
    """

    kind: str
    which: str
    why: str
    stops: tuple[Stop, ...] = ()


def list_run_out(now: datetime) -> list[RunOut]:
    """All that the next night would erase, and why."""
    terms, days = read_terms(), INTAKE_LIFE.days
    why = Sentence(N_("not touched for %(days)s days, and no booking came of it"), days=days)
    found = [RunOut(N_("intake"), one, why) for one in find_run_out(now)]
    why = Sentence(N_("not touched for %(days)s days, and no session is coming"), days=days)
    found += [RunOut(N_("unsent part"), one, why) for one in find_unsent_parts(now)]
    why = Sentence(N_("the invitation ran out"))
    found += [RunOut(N_("address of invitation"), one.reference, why) for one in find_addresses_over(now)]
    why = Sentence(N_("waited long enough, or was told"))
    found += [
        RunOut(N_("wish for a license"), db.session.get_one(Person, one.person_id).reference, why)
        for one in find_place_wishes_over(now)
    ]
    why = Sentence(N_("the time to read it is over"))
    found += [RunOut(N_("copy of a record"), one, why) for one in find_run_out_copies(now)]
    why = Sentence(N_("ran out"))
    for kind, table in ((N_("browser sessions"), ClientSession), (N_("mailed links"), MailedLink)):
        count = db.session.scalar(select(func.count()).select_from(table).where(table.expires_at <= now)) or 0
        found += [RunOut(kind, str(count), why)] if count else []
    came_last = Sentence(N_("%(years)s years after the last session"), years=terms.records_years)
    never_came = Sentence(N_("entered by the practice, and nothing came of it for %(days)s days"), days=days)
    found += [
        RunOut(PERSON, one.reference, why, tuple(find_stops(one, now)))
        for why, people in (
            (came_last, find_records_over(now)),
            (never_came, find_never_came(now)),
        )
        for one in people
    ]
    because = Sentence(N_("%(years)s years after its day"), years=terms.documents_years)
    return found + [RunOut(N_("document"), reference, because) for reference in find_documents_over(now)]


def find_people_over(now: datetime) -> list[Person]:
    """Everybody whose time is over, for whichever reason."""
    return [*find_records_over(now), *find_never_came(now)]


def find_records_over(now: datetime) -> list[Person]:
    """Everybody whose last session, or their partner's, is over for as long as records are kept, and who isn't held."""
    zone = ZoneInfo(profile().zone)
    limit = years_before(now.astimezone(zone).date(), read_terms().records_years)
    last = _last_sessions()
    over = [person_id for person_id, ended in last.items() if ended.astimezone(zone).date() <= limit]
    busy = exists().where(Intake.person_id == Person.id, Intake.saved_at > now - INTAKE_LIFE)
    known = exists().where(PersonKey.person_id == Person.id)
    found = []
    for start in range(0, len(over), 500):
        some = select(Person).where(Person.id.in_(over[start : start + 500]), known, ~busy, ~is_kept(Person.id))
        found += list(db.session.scalars(some.order_by(Person.id)))
    return found


def find_documents_over(now: datetime) -> list[str]:
    """The references of the documents whose own time is over, but those of somebody who is held."""
    day = now.astimezone(ZoneInfo(profile().zone)).date()
    over = find_out_of_time(years_before(day, read_terms().documents_years))
    held = select(Paper.reference).where(is_held(Paper.person_id))
    kept = set(db.session.scalars(held))
    return [reference for reference in over if reference not in kept]


def find_never_came(now: datetime) -> list[Person]:
    """Everybody whom the practice entered INTAKE_LIFE ago or earlier and of whom nothing came since: no answers, no
    session that stood, of theirs or of whoever comes with them, nothing that still waits; and who isn't held.
    """
    run_out = find_run_out(now)  # the same night erases these, before or after
    answered = exists().where(
        Intake.person_id == Person.id, Intake.erased_at.is_(None), Intake.reference.not_in(run_out)
    )
    waiting = or_(
        exists().where(PlaceWish.person_id == Person.id),
        exists().where(Wish.person_id == Person.id, Wish.state == WishState.WAITING, Wish.runs_out_at > now),
    )
    coming = exists().where(CoupleMember.person_id == Person.id, CoupleMember.left_at.is_(None))
    lately = exists().where(Booking.person_id == Person.id, Booking.updated_at > now - INTAKE_LIFE)
    known = exists().where(PersonKey.person_id == Person.id)
    entered = Person.created_at <= now - INTAKE_LIFE
    found = select(Person).where(entered, known, ~answered, ~waiting, ~coming, ~lately, ~is_kept(Person.id))
    came = _last_sessions()
    return [person for person in db.session.scalars(found.order_by(Person.id)) if person.id not in came]


def _last_sessions() -> dict[int, datetime]:
    """When the last session that stood ended, by person; those who come or came together have one last session."""
    stood = Booking.confirmed_at.is_not(None) | Booking.state.in_(CLAIMING)
    rows = db.session.execute(
        select(Booking.person_id, func.max(Booking.ends_at).label("ended")).where(stood).group_by(Booking.person_id)
    )
    last: dict[int, datetime] = {row.person_id: row.ended for row in rows}
    couples: dict[int, list[int]] = {}
    for member in db.session.execute(select(CoupleMember.couple_id, CoupleMember.person_id)):
        couples.setdefault(member.couple_id, []).append(member.person_id)
    shared = [(ids, [last[one] for one in ids if one in last]) for ids in couples.values()]
    for ids, ends in shared:
        for one in ids if ends else ():
            last[one] = max([*ends, *([last[one]] if one in last else [])])
    return last
