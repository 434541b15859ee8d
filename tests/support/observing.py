"""Everything that one client can see, gathered and put into words that two runs of a story can be compared by.

What must differ between two runs is declared here, and replaced by name: random tokens, references, nonces. All else is
compared byte for byte: every page that the client can reach, with the headers that matter, the calendar object, and
every letter to their address. Times are the story's own, so two runs on a frozen clock have the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from sqlalchemy import select

from practice.booking.models import Booking
from practice.database import db
from tests.support.browsing import Browser
from tests.support.fake_mail import FakeMailer, Sent
from tests.support.staging import Stage
from tests.support.story import Client, Practice

__all__ = ["Observed", "Stage", "observe"]

SEEDS = (
    "/", "/schedule", "/you", "/times/ada-lindqvist", "/times/ada-lindqvist?offering=couple-50", "/intake/times",
    "/intake/check", "/intake/support", "/intake/next", *(f"/intake/part-{number}" for number in range(1, 11)),
)  # fmt: skip
OF_A_BOOKING = ("", ".ics", "/pay", "/cancel", "/move", "/documents", "/estimate", "/fee", "/paid")
HEADERS = ("Content-Type", "Cache-Control", "Content-Disposition", "Location", "Referrer-Policy", "Content-Length")
STAFF = "/staff"
MOST_PAGES = 150
MOST_OF_ONE = 2  # addresses of one page that differ by their query alone: weeks and offerings, which have no end

# What is random, by what it stands for. The first group is replaced; a reference gets a number by its first appearance.
TOKENS = (
    ("csrf token", re.compile(r'(?<=name="csrf_token" value=")[^"]+')),
    ("mailed link", re.compile(r"(?<=/return/)[\w-]{20,}")),
    ("feed", re.compile(r"(?<=/calendar/)[\w-]{20,}")),
    ("message id", re.compile(r"[0-9a-f]{40}(?=@)")),
    ("boundary", re.compile(r"part-[0-9a-f]{40}")),
    ("calendar id", re.compile(r"[\w-]{16,}(?=@appointments)")),
)
REFERENCE = re.compile(r"\b([a-z])_[0-9a-zA-Z]{10,}\b")


@dataclass
class Observed:
    """What a client could see, by where. Two of them are compared with ==."""

    pages: dict[str, str] = field(default_factory=dict)
    letters: list[str] = field(default_factory=list)

    def differences(self, other: Observed) -> list[str]:
        """Where the two differ, for whoever reads a failing test."""
        places = sorted({*self.pages, *other.pages})
        found = [place for place in places if self.pages.get(place) != other.pages.get(place)]
        if self.letters != other.letters:
            found.append(f"letters: {len(self.letters)} and {len(other.letters)}")
        return found


def observe(practice: Practice, browser: Browser, client: Client, mailer: FakeMailer, *, since: int = 0) -> Observed:
    """Everything that this client can see now: all that their browser reaches, and their letters from `since` on.

    It opens pages and sends nothing, so looking changes nothing.
    """
    naming = _Naming()
    observed = Observed()
    waiting = [*SEEDS, *_own_addresses(practice, client)]
    seen: set[str] = set()
    of_one: Counter[str] = Counter()
    while waiting:
        path = waiting.pop(0)
        bare = path.partition("?")[0]
        if path in seen or (bare != path and of_one[bare] >= MOST_OF_ONE):
            continue
        seen.add(path)
        of_one[bare] += bare != path
        assert len(seen) <= MOST_PAGES, f"more than {MOST_PAGES} pages: {sorted(seen)[-3:]}"
        answer = browser.get(path)
        told = [f"{answer.status}", *(f"{name}: {answer.headers.get(name, '')}" for name in HEADERS)]
        cookies = sorted(value.partition("=")[0] for value in answer.headers.getlist("Set-Cookie"))
        told.append(f"sets: {', '.join(cookies)}")
        body = answer.get_data().decode("utf-8", "replace")
        observed.pages[naming.of(path)] = naming.of("\n".join((*told, body)))
        if answer.content_type.startswith("text/html"):
            waiting += [link for link in _links(answer.text, path) if link not in seen]
    observed.letters = [naming.of(_whole(letter)) for letter in mailer.letters_to(client.email)[since:]]
    return observed


def _whole(letter: Sent) -> str:
    """Every header, and every part decoded: a line that is broken within a token would hide it."""
    headers = [f"{name}: {value}" for name, value in letter.message.items()]
    calendar = (letter.calendar or b"").decode().replace("\r\n ", "")
    return "\n".join((*headers, letter.text, letter.html, calendar))


def _own_addresses(practice: Practice, client: Client) -> list[str]:
    """The pages of this client's bookings, also those to which no page leads."""
    with practice.app.app_context():
        found = select(Booking.reference).where(Booking.person_id == client.person_id).order_by(Booking.id)
        own = list(db.session.scalars(found))
    return [f"/bookings/{reference}{page}" for reference in own for page in OF_A_BOOKING]


def _links(html: str, path: str) -> Iterator[str]:
    reader = _Links()
    reader.feed(html)
    for href in reader.found:
        target = urlsplit(urljoin(path, href))
        inside = not target.scheme and not target.netloc
        if inside and not target.path.startswith((STAFF, "/static")):
            yield target.path + (f"?{target.query}" if target.query else "")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href and "hreflang" not in dict(attrs):  # else the same page, in another language
            self.found.append(href)


class _Naming:
    """Replaces what is random by what it stands for."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, text: str) -> str:
        for name, pattern in TOKENS:
            text = pattern.sub(f"<{name}>", text)
        return REFERENCE.sub(self._named, text)

    def _named(self, match: re.Match[str]) -> str:
        found = match.group(0)
        if found not in self._known:
            kind = match.group(1)
            number = sum(name.startswith(f"<{kind} ") for name in self._known.values()) + 1
            self._known[found] = f"<{kind} {number}>"
        return self._known[found]
