"""What people answered, counted over a thousand requests, against opening as many seals; and checking a long log."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select

from bench.databases import folder_for_a_while
from bench.figure import Figure
from bench.practice_under_load import make_practice
from practice import audit, create_app
from practice.audit import AuditHead
from practice.booking.models import Booking
from practice.booking.offers.models import Offering, Therapist
from practice.database import db
from practice.intake.actions import start_draft
from practice.intake.models import Intake, IntakeAnswers
from practice.intake.queries import open_section
from practice.intake.storing import write_section
from practice.numbers.reading import Look
from practice.people import add_person
from practice.sealing import PersonKey, vault
from practice.settings import Settings
from practice.work import begin_work

REQUESTS = 1_000
ENTRIES = 100_000
NOW = datetime(2027, 5, 5, 12, tzinfo=UTC)
ROUNDS = 5
GOALS = ("repair", "decide", "understand")


def measure() -> Iterator[Figure]:
    """On SQLite: what is measured is opening and counting, which no database does."""
    with folder_for_a_while() as folder:
        practice = make_practice(folder, f"sqlite:///{folder}/practice.db", holds=0, therapists=1, fill=add_requests)
        app = create_app(Settings.from_env(practice.environ, data=folder))
        with app.app_context():
            alone = _best(open_all)
            counted = _best(lambda: Look(52, NOW, "America/New_York", "USD").people())
            yield Figure("what people bring, 1,000 requests", "s", counted, alone, at_most=2.5)
            add_entries()
            checked = _best(lambda: list(audit.verify(db.session())))
            yield Figure("audit log checked, 100,000 entries", "s", checked, at_most=10)
            db.session.remove()
            db.engine.dispose()


def open_all() -> None:
    """The limit: two sections of each request, unsealed and read as JSON, without anything else."""
    found = select(Intake, IntakeAnswers, PersonKey).join(IntakeAnswers, IntakeAnswers.intake_id == Intake.id)
    keys = vault()
    for intake, answers, _key in db.session.execute(found.join(PersonKey, PersonKey.person_id == Intake.person_id)):
        open_section(intake, answers, keys)


def add_requests() -> None:
    """A thousand people who asked within a year and had a session."""
    with begin_work() as work:
        therapist, offering = (work.session.scalars(select(one)).one() for one in (Therapist, Offering))
        rows = []
        for number in range(REQUESTS):
            sent = NOW - timedelta(days=40 + number % 300)
            intake = start_draft(work, add_person(work, "America/New_York"), "America/New_York")
            write_section(work, intake, "trust", {"trust_role": "hurt", "breach_types": ["lying_omission", "other"]})
            write_section(work, intake, "goals", {"goal_direction": GOALS[number % len(GOALS)]})
            intake.submitted_at, start = sent, sent + timedelta(days=7)
            rows.append(
                {
                    "reference": f"b_{number:014}",
                    "uid": f"{number}@appointments",
                    "therapist_id": therapist.id,
                    "offering_id": offering.id,
                    "person_id": intake.person_id,
                    "state": "attended",
                    "starts_at": start,
                    "ends_at": start + timedelta(minutes=50),
                    "blocked_from": start,
                    "blocked_until": start + timedelta(minutes=50),
                    "price_minor": 0,
                    "currency": "USD",
                    "held_at": sent,
                    "confirmed_at": sent,
                    "updated_at": sent,
                }
            )
        work.session.flush()
        work.session.execute(insert(Booking), rows)


def add_entries() -> None:
    """A long log, chained as the product chains it, in one work."""
    with begin_work() as work:
        audit.record(work, "worker", "list_viewed", "payments")
        head = work.session.get_one(AuditHead, 1)
        number, link, rows = head.number, head.hash, []
        while number < ENTRIES:
            number += 1
            entry = audit.AuditEntry(
                number=number,
                at=work.now,
                actor="staff:1",
                action="intake_viewed",
                subject="i_1",
                detail=json.dumps({}),
            )
            link = entry.hash = audit._link(link, entry)
            rows.append({column.key: getattr(entry, column.key) for column in audit.AuditEntry.__table__.columns})
        work.session.execute(insert(audit.AuditEntry), rows)
        head.number, head.hash = number, link


def _best(run: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        db.session.remove()
        vault()._keys.clear()
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return min(took)
