"""Everything that reaches one person while a story is told: each answer to their browser, and each letter to them.

Two tellings are compared byte for byte. What is random by nature is put into words by its name, never by its look: the
references and calendar ids that the database knows, the secrets that were drawn while the story ran, and the values of
fields that hold nothing else (CSRF tokens, codes to come back with, message ids, the boundary of a letter). Nothing
else is touched.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import unified_diff
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from sqlalchemy import false, select
from werkzeug.test import TestResponse

from practice.booking.models import Booking
from practice.calendars.appointments import for_attendee, status_of
from practice.database import Model, db
from practice.people import Person
from tests.support.browsing import Browser
from tests.support.fake_mail import Sent
from tests.support.staging import HOME, Stage

NOBODY = select(Person).where(false())
RANDOM_COLUMNS = ("reference", "uid")
COOKIE = re.compile(r"^([^=]+)=[^;]*")
CSRF = re.compile(r'<input[^>]*name="csrf_token"[^>]*value="([^"]+)"')
CODE = re.compile(r'<(?:strong class="code"|code)>([a-z0-9]{4}-[a-z0-9]{4})</')  # all that stands there, or nothing
LINK = re.compile(r'<a\b(?![^>]*\bhreflang=)[^>]*\bhref="([^"]+)"')  # but not to the same page in another language
HASHED = re.compile(r"[0-9a-f]{40}")

Drawn = dict[str, str]  # what was drawn: what it is


@dataclass
class Seen:
    """One thing that reached somebody: where and when in the story, and all of it."""

    place: str
    said: str


@dataclass
class Watched:
    """A browser whose every answer is written down, and the letters to one address."""

    stage: Stage
    browser: Browser
    email: str
    drawn: Drawn
    seen: list[Seen] = field(default_factory=list)
    moment: str = "at first"
    _read: int = 0
    _named: list[tuple[str, str]] = field(default_factory=list)

    def watch(self, browser: Browser) -> Browser:
        """The same person goes on in this browser."""
        opens = browser.open

        def open_and_note(*args: Any, **kwargs: Any) -> TestResponse:
            answer = opens(*args, **kwargs)
            request = answer.request
            self.note(f"{request.method} {request.full_path.rstrip('?')}", _whole(answer, self.drawn))
            return answer

        browser.open = open_and_note  # type: ignore[method-assign]
        self.browser = browser
        return browser

    def note(self, place: str, said: str) -> None:
        """Write down that something reached them."""
        self.seen.append(Seen(f"{self.moment}: {place}", said))

    def read_letters(self) -> None:
        """Every letter since they read last."""
        letters = self.stage.mailer.letters_to(self.email)
        for letter in letters[self._read :]:
            self.note("letter", _opened(letter, self.drawn))
        self._read = len(letters)

    def named(self) -> list[tuple[str, str]]:
        """All of it in order, what is random by its name: the first of a kind is 1."""
        if len(self._named) != len(self.seen):
            self._named = self._put_names()
        return self._named

    def _put_names(self) -> list[tuple[str, str]]:
        known = {**self.drawn, **_known(self.stage)}
        exact = re.compile("|".join(re.escape(one) for one in sorted(known, key=len, reverse=True)) or r"(?!)")
        numbers: dict[str, str] = {}
        counts: dict[str, int] = {}

        def name(found: re.Match[str]) -> str:
            text = found.group(0)
            if text not in numbers:
                kind = known[text]
                counts[kind] = counts.get(kind, 0) + 1
                numbers[text] = f"<{kind} {counts[kind]}>"
            return numbers[text]

        return [(exact.sub(name, one.place), exact.sub(name, one.said)) for one in self.seen]


def differences(one: Watched, other: Watched) -> list[str]:
    """Where the two were told different things, with the lines that differ; for whoever reads a failing test."""
    left, right = one.named(), other.named()
    found = [f"{len(left)} things and {len(right)}"] if len(left) != len(right) else []
    for before, after in zip(left, right, strict=False):
        if before != after:
            lines = unified_diff(before[1].splitlines(), after[1].splitlines(), lineterm="", n=0)
            found.append("\n  ".join((f"{before[0]} | {after[0]}", *list(lines)[2:12])))
    return found[:10]


@contextmanager
def drawing() -> Iterator[Drawn]:
    """Every secret that is drawn meanwhile, for links, cookies and calendars."""
    drawn: Drawn = {}
    draws = secrets.token_urlsafe

    def draw(nbytes: int | None = None) -> str:
        made = draws(nbytes)
        drawn[made] = "secret"
        return made

    secrets.token_urlsafe = draw
    try:
        yield drawn
    finally:
        secrets.token_urlsafe = draws


def walk(watched: Watched, seeds: tuple[str, ...], most: int = 150) -> int:
    """Open these pages and every page that they lead to, but each week or kind of a page once; how many were opened."""
    waiting, done, asked = [*seeds, *_of_bookings(watched.stage)], set(), set()
    while waiting:
        path = waiting.pop(0)
        bare, _, query = path.partition("?")
        if path in done or (query and path not in seeds and bare in asked):
            continue
        done.add(path)
        asked |= {bare} if query else set()
        assert len(done) <= most, f"more than {most} pages: {sorted(done)[-3:]}"
        answer = watched.browser.get(path)
        if answer.content_type.startswith("text/html"):
            waiting += [one for one in _links(answer.text, path) if one not in done]
    return len(done)


def _of_bookings(stage: Stage) -> list[str]:
    """Every booking's pages, whosever it is: to a foreign one each answers the same."""
    pages = ("", ".ics", "/pay", "/cancel", "/move", "/documents", "/estimate", "/fee", "/paid")
    with stage.practice.app.app_context():
        found = list(db.session.scalars(select(Booking.reference).order_by(Booking.id)))
    return [f"/bookings/{reference}{page}" for reference in found for page in pages]


def _known(stage: Stage) -> Drawn:
    """Every reference and calendar id in the database, by its table."""
    known: Drawn = {}
    with stage.practice.app.app_context():
        for table in Model.metadata.sorted_tables:
            for column in (one for one in table.columns if one.name in RANDOM_COLUMNS):
                found = db.session.scalars(select(column).where(column.is_not(None)))
                known |= {text: f"{table.name} {column.name}" for text in found if isinstance(text, str)}
        for booking in db.session.scalars(select(Booking)):
            for person in db.session.scalars(select(Person) if status_of(booking) is not None else NOBODY):
                known[for_attendee(booking, person, HOME).uid] = "calendar id"
    return known


def _whole(answer: TestResponse, drawn: Drawn) -> str:
    """Status, every header but the machine's own clock, and the body; of a cookie its name and how it is kept."""
    kept = [
        (name, COOKIE.sub(r"\1", value) if name == "Set-Cookie" else value)
        for name, value in answer.headers
        if name != "Date"
    ]
    body = answer.get_data().decode("utf-8", "replace")
    if answer.content_type.startswith("text/html"):
        for token in set(CSRF.findall(body)):  # a new one with each second of the machine's own clock: not counted
            body = body.replace(token, "<csrf token>")
        drawn |= dict.fromkeys(CODE.findall(body), "code")
    return "\n".join((answer.status, *(f"{name}: {value}" for name, value in kept), "", body))


def _opened(letter: Sent, drawn: Drawn) -> str:
    """Every header, and every part with its own headers, decoded."""
    message = letter.message
    hashed = [HASHED.search(str(message["Message-ID"])), HASHED.search(str(message.get_boundary()))]
    drawn |= {one.group(0): "letter" for one in hashed if one is not None}
    told = []
    for part in message.walk():
        told += [f"{name}: {value}" for name, value in part.items()]
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            told.append(content.decode().replace("\r\n ", ""))
    return "\n".join(told)


def _links(body: str, path: str) -> Iterator[str]:
    for href in dict.fromkeys(LINK.findall(body)):
        target = urlsplit(urljoin(path, unescape(href)))
        if not target.scheme and not target.netloc and not target.path.startswith(("/staff", "/static")):
            yield target.path + (f"?{target.query}" if target.query else "")
