"""A feed of many sessions: built cold against plain strings, and answered as unchanged against a bare page that asks
the same once.
"""

import http.client
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy import create_engine, insert, select

from bench.databases import folder_for_a_while, postgres
from bench.figure import Figure
from bench.load import body_of, request, send_all
from bench.practice_under_load import make_practice
from bench.server import Served, serve
from practice import create_app
from practice.booking.models import Booking
from practice.booking.offers.models import Offering, Therapist
from practice.calendars import queries
from practice.calendars.actions import add_feed, write_entry
from practice.calendars.models import Detail
from practice.database import db, engine_options
from practice.people import Contact, add_person, save_contact
from practice.settings import Settings
from practice.staff.queries import therapist_language
from practice.tokens import token_hash
from practice.work import begin_work

SESSIONS = 10_000
PEOPLE = 400  # who come to them
FIRST = datetime(2020, 1, 6, 14, tzinfo=UTC)
CLIENTS, ROUNDS, TIMES, WARM_UP = 8, 10, 400, 100
BUILDS = 7
EVENT = (
    "BEGIN:VEVENT\r\nSUMMARY:Session\r\nDTSTART:{starts}\r\nDTEND:{ends}\r\nDTSTAMP:{stamp}\r\nUID:{uid}\r\n"
    "SEQUENCE:{sequence}\r\nCLASS:PRIVATE\r\nLAST-MODIFIED:{stamp}\r\nSTATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\n"
    "URL:{url}\r\nEND:VEVENT\r\n"
)
HEAD = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//practice//appointments//EN\r\nCALSCALE:GREGORIAN\r\nNAME:Sessions\r\n"
    "X-WR-CALNAME:Sessions\r\nCOLOR:teal\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n"
    "X-WR-TIMEZONE:America/New_York\r\n"
)


def measure() -> Iterator[Figure]:
    """On each database in turn."""
    with folder_for_a_while() as folder:
        yield from _on(f"sqlite:///{folder}/practice.db", "SQLite", folder)
    with folder_for_a_while() as folder, postgres(folder) as url:
        yield from _on(url, "PostgreSQL", folder)


def _on(url: str, name: str, folder: Path) -> Iterator[Figure]:
    practice = make_practice(folder, url, holds=0, therapists=1, fill=add_sessions)
    app = create_app(Settings.from_env(practice.environ, data=folder))
    with app.app_context(), begin_work() as work:
        therapist = work.session.scalars(select(Therapist)).one()
        tokens = {one: add_feed(work, therapist, one.value, one)[1] for one in (Detail.SESSION, Detail.FIRST_NAMES)}
    yield from _cold(app, name, tokens)
    with app.app_context():
        db.engine.dispose()
    path = f"/calendars/{tokens[Detail.SESSION]}.ics"
    with (
        serve("practice:create_app", practice.environ) as served,
        serve("bench.feeds:make_bare", practice.environ) as bare,
    ):
        etag = _etag(served, path)
        rates: dict[str, list[float]] = {"ours": [], "asking": [], "hello": []}
        for round_ in range(ROUNDS):
            rates["ours"].append(_unchanged(served, path, etag, round_))
            rates["asking"].append(_unchanged(bare, path, etag, round_))
            rates["hello"].append(_unchanged(bare, "/hello", etag, round_))
    ours, asking, hello = (max(found) for found in rates.values())
    yield Figure(f"feed that is unchanged (304), {name}", "/s", ours, asking, at_least=0.6)
    sys.stderr.write(
        f"of {hello:,.0f} bare hellos /s: {asking / hello:.2f} when they ask once, the feed {ours / hello:.2f}\n"
    )


def make_bare() -> Flask:
    """The limit of an unchanged feed: a view that asks the database once for this feed and says as little, in a bare
    app on the same server. Beside it a hello that asks nothing.
    """
    bare = Flask(__name__)
    url = Settings.from_env(os.environ).database_url
    engine = create_engine(url, **engine_options(url))
    if engine.dialect.name != "sqlite":
        engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    statement = queries.standing_feed(therapist_language)

    @bare.get("/healthz")
    def health() -> ResponseReturnValue:
        return "", 204

    @bare.get("/hello")
    def hello() -> ResponseReturnValue:
        return "", 304

    @bare.get("/calendars/<token>.ics")
    def feed(token: str) -> ResponseReturnValue:
        with engine.connect() as connection:
            connection.execute(statement, {"token": token_hash(token)}).one()
        return "", 304

    return bare


def add_sessions() -> None:
    """Ten thousand sessions of one therapist with some hundred people, each with its entry in the feed."""
    with begin_work() as work:
        therapist = work.session.scalars(select(Therapist)).one()
        offering = work.session.scalars(select(Offering)).one()
        people = []
        for number in range(PEOPLE):
            person = add_person(work, "America/New_York")
            save_contact(person, Contact(first_name=f"Name{number}", email=f"{number}@mail.example"))
            people.append(person.id)
        rows = []
        for number in range(SESSIONS):
            start = FIRST + timedelta(hours=number % 8, days=number // 8)
            end = start + timedelta(minutes=50)
            rows.append(
                {
                    "reference": f"b_{number:014}",
                    "uid": f"00000000-0000-0000-0000-{number:012}@appointments",
                    "therapist_id": therapist.id,
                    "offering_id": offering.id,
                    "person_id": people[number % PEOPLE],
                    "state": "confirmed",
                    "starts_at": start,
                    "ends_at": end,
                    "blocked_from": start,
                    "blocked_until": end,
                    "price_minor": 0,
                    "currency": "USD",
                    "held_at": FIRST,
                    "confirmed_at": FIRST,
                    "updated_at": FIRST,
                }
            )
        work.session.execute(insert(Booking), rows)
        for row in rows:
            write_entry(work, str(row["reference"]))


def _cold(app: Flask, name: str, tokens: dict[Detail, str]) -> Iterator[Figure]:
    base_url = app.extensions["practice.settings"].base_url
    with app.app_context():
        ready = [
            (one.uid, one.sequence, one.starts_at, one.ends_at, one.updated_at)
            for one in db.session.scalars(select(Booking).order_by(Booking.starts_at, Booking.id))
        ]

    def build(token: str) -> bytes:
        with app.app_context():
            state = queries.get_feed(token, now=datetime.now(UTC), base_url=base_url)
            return queries.build_feed(state, base_url=base_url)

    limit = _best(lambda: plain_strings(ready, f"{base_url}/staff/"))
    if build(tokens[Detail.SESSION]) != plain_strings(ready, f"{base_url}/staff/"):
        raise AssertionError("the two that are compared must be the same bytes")
    for detail, token in tokens.items():
        what = f"feed of {SESSIONS:,} sessions, cold, {detail.value.replace('_', ' ')}, {name}"
        yield Figure(what, "ms", _best(lambda token=token: build(token)) * 1000, limit * 1000, at_most=2)  # type: ignore[misc]


def plain_strings(ready: list[tuple[str, int, datetime, datetime, datetime]], url: str) -> bytes:
    """The limit of a cold feed: its very bytes from values that are ready, with nothing checked, escaped or folded."""
    said = [HEAD]
    form = "%Y%m%dT%H%M%SZ"
    for uid, sequence, starts, ends, stamp in ready:
        said.append(
            EVENT.format(
                uid=uid,
                sequence=sequence,
                starts=starts.strftime(form),
                ends=ends.strftime(form),
                stamp=stamp.strftime(form),
                url=url,
            )
        )
    said.append("END:VCALENDAR\r\n")
    return "".join(said).encode()


def _best(build: Callable[[], bytes]) -> float:
    took = []
    for _ in range(BUILDS):
        began = time.perf_counter()
        build()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _etag(served: Served, path: str) -> str:
    body = body_of(served.port, request("GET", path, address="10.9.9.9"))
    if body.count(b"BEGIN:VEVENT") != SESSIONS:
        raise AssertionError("the feed should hold every session")
    return header_of(served.port, path)


def header_of(port: int, path: str) -> str:
    """The tag of what is there."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("HEAD", path, headers={"X-Forwarded-For": "10.9.9.8"})
    tag = connection.getresponse().getheader("ETag") or ""
    connection.close()
    return tag


def _unchanged(served: Served, path: str, etag: str, round_: int) -> float:
    """How many answers a second; each from an address of its own, as calendars are."""

    def asked(first: int, times: int) -> list[bytes]:
        prepared = []
        for number in range(first, first + times):
            plain = request("GET", path, address=f"10.{round_}.{number >> 8}.{number & 255}")
            prepared.append(plain.removesuffix(b"\r\n") + f"If-None-Match: {etag}\r\n\r\n".encode())
        return prepared

    send_all(served.port, asked(0, WARM_UP), clients=CLIENTS)
    answers = send_all(served.port, asked(WARM_UP, TIMES), clients=CLIENTS)
    if answers.statuses != {304: TIMES}:
        raise AssertionError(f"the feed should be unchanged each time: {dict(answers.statuses)}")
    return answers.rate
