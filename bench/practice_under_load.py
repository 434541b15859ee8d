"""A made-up practice in a temporary folder: therapists, offerings, and clients who may book and are signed in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as wall
from pathlib import Path
from typing import Any

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import create_engine, insert, text

from bench.load import request
from practice import create_app
from practice.booking.models import Eligibility
from practice.booking.offers.models import Offering, Resource, Therapist, WeeklyHours
from practice.booking.offers.queries import find_therapists, get_offer
from practice.booking.openings import open_times
from practice.database import db
from practice.people import SESSION_KEY, ClientSession, Person
from practice.profile import ONLY, PracticeProfile
from practice.sealing import Keyring
from practice.settings import Settings
from practice.tokens import new_token, reference, token_hash
from practice.work import begin_work

ZONE = "America/New_York"
THERAPISTS = 50  # so many that nobody is asked for more often than the rules against hoarding allow
DAYS = 60
DAY = timedelta(days=1)
REGION = "US-NY"
PROFILE: dict[str, Any] = {
    "id": ONLY,
    "name": "Bench",
    "zone": ZONE,
    "currency": "USD",
    "email": "office@example.org",
    "phone": "555 0100",
    "address": "1 Example Street",
    "help_region": "US",
    "desk_hours": "mon-fri 09:00-17:00",
    "statement_name": "APPOINTMENT",
}
OFFERING: dict[str, Any] = {
    "slug": "session",
    "name": "Session",
    "attendance": "couple",
    "place": "video",
    "session_minutes": 50,
    "step_minutes": 60,
    "before_minutes": 0,
    "after_minutes": 10,
    "notice_hours": 24,
    "horizon_days": DAYS,
    "price_minor": 18_000,
    "currency": "USD",
    "late_cancel_hours": 48,
}
THERAPIST: dict[str, Any] = {
    "name": "Bench Therapist",
    "title": "LMFT",
    "approach": "Calm.",
    "zone": ZONE,
    "languages": ["en"],
    "licence_places": [REGION],
    "email": "therapist@example.org",
    "join_link": "https://video.example.org/room",
    "office": "",
}


@dataclass(frozen=True)
class LoadedPractice:
    """The settings it runs with, one prepared hold for each client, all for distinct times, and the page of times
    as one more client asks for it, who may book.
    """

    environ: dict[str, str]
    holds: list[bytes]
    times_page: bytes
    times_path: str
    reader: str  # the cookie of the client who asks for it


def make_practice(
    folder: Path, database_url: str, *, holds: int, therapists: int = THERAPISTS, fill: Callable[[], None] | None = None
) -> LoadedPractice:
    """Make the practice, with this many clients who each hold one time; `fill` adds whatever else is in it."""
    environ = {
        "PRACTICE_ENV": "demo",
        "DATABASE_URL": database_url,
        "PRACTICE_KEYS_FILE": str(folder / "keys.json"),
        "TRUSTED_PROXIES": "1",  # so that each client has an address of their own
    }
    settings = Settings.from_env(environ, data=folder)
    Keyring.create(settings.keys_file)
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        slugs = _add_therapists(therapists)
        reader, *tokens = _add_clients(1 + holds)
        times = list(_distinct_times(slugs))[:holds]
        if fill is not None:
            fill()
        db.engine.dispose()
    if len(times) < holds:
        raise ValueError(f"there are only {len(times)} times for {holds} holds")
    prepared = [
        _hold(app, number, token, slug, start)
        for number, (token, (slug, start)) in enumerate(zip(tokens, times, strict=True))
    ]
    cookie, _ = _at_home(app, reader)
    path = f"/times/{slugs[0]}?offering=session"
    page = request("GET", path, cookie=cookie, address=_address(holds))
    return LoadedPractice(environ, prepared, page, path, cookie)


def confirm_all_held(practice: LoadedPractice) -> None:
    """What payments would do meanwhile, so that no more times are held at once than the rules on hoarding allow."""
    engine = create_engine(Settings.from_env(practice.environ).database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE booking SET state = 'confirmed', deadline_at = NULL WHERE state = 'held'"))
    engine.dispose()


def _add_therapists(count: int) -> list[str]:
    slugs = [f"therapist-{number}" for number in range(count)]
    if find_therapists():
        return slugs  # a practice with a past has them already
    with begin_work() as work:
        work.session.add(PracticeProfile(**PROFILE))
        offering = Offering(**OFFERING)
        for slug in slugs:
            therapist = Therapist(slug=slug, resource=Resource(kind="therapist"), offerings=[offering], **THERAPIST)
            therapist.weekly_hours = [
                WeeklyHours(weekday=weekday, opens=wall(9), closes=wall(18)) for weekday in range(7)
            ]
            work.session.add(therapist)
    return slugs


def _add_clients(count: int) -> list[str]:
    tokens = [new_token() for _ in range(count)]
    with begin_work() as work:
        until = work.now + DAY
        people = work.session.scalars(
            insert(Person).returning(Person.id, sort_by_parameter_order=True),
            [{"reference": reference("p"), "zone": ZONE, "created_at": work.now} for _ in tokens],
        ).all()
        work.session.execute(
            insert(Eligibility),
            [
                {
                    "person_id": person,
                    "attendance": ["couple"],
                    "places": ["video"],
                    "region": REGION,
                    "expires_at": until,
                }
                for person in people
            ],
        )
        work.session.execute(
            insert(ClientSession),
            [
                {"token_hash": token_hash(token), "person_id": person, "expires_at": until}
                for token, person in zip(tokens, people, strict=True)
            ],
        )
    return tokens


def _distinct_times(slugs: list[str]) -> Iterator[tuple[str, datetime]]:
    """Therapist and start, so that neighbouring requests go to different therapists."""
    now = datetime.now(UTC) + timedelta(hours=1)  # so that none slips under the notice while the bench runs
    first, last = now.date(), now.date() + DAYS * DAY
    spans = []
    for slug in slugs:
        spans.append(open_times(get_offer(slug, "session"), first=first, last=last, now=now))
    for together in zip(*spans, strict=True):
        for slug, span in zip(slugs, together, strict=True):
            yield slug, span.start


def _hold(app: Flask, number: int, token: str, slug: str, start: datetime) -> bytes:
    """The request of a client's browser that has read the page of times. Call it outside of any app context."""
    cookie, csrf_token = _at_home(app, token)
    form = {"csrf_token": csrf_token, "therapist": slug, "offering": "session", "start": start.isoformat()}
    return request("POST", "/bookings", cookie=cookie, form=form, address=_address(number))


def _at_home(app: Flask, token: str) -> tuple[str, str]:
    """The cookie of a browser in which this client is at home, and the token of its forms."""
    with app.test_request_context("/"):
        session[SESSION_KEY] = token
        csrf_token = generate_csrf()
        response = app.response_class()
        app.session_interface.save_session(app, session._get_current_object(), response)  # type: ignore[attr-defined]
    return response.headers["Set-Cookie"].split(";")[0], csrf_token


def _address(number: int) -> str:
    """Where that client's browser is, of the addresses that are set aside for private networks."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
