"""What runs out when: one table, which docs/privacy.md shows and a test compares. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from practice.rights.access.rules import HANDED_FOR

RECORDS_YEARS, DOCUMENTS_YEARS = 7, 10  # until a practice says otherwise
RECORDS, DOCUMENTS = "records_years", "documents_years"  # which of its terms


@dataclass(frozen=True)
class Rule:
    """One thing that runs out: what, after what, how long after it (or by which of the practice's terms), what goes."""

    what: str
    after: str
    life: timedelta | str
    goes: str

    def says(self, terms: Terms) -> str:
        """How long, in words."""
        if isinstance(self.life, str):
            return f"{terms.years(self.life)} years"
        return f"{self.life.days} days" if self.life >= timedelta(days=1) else f"{self.life.seconds // 3600} hours"


@dataclass(frozen=True)
class Terms:
    """How many years the practice keeps records after the last session, and documents after their day."""

    records_years: int = RECORDS_YEARS
    documents_years: int = DOCUMENTS_YEARS

    def years(self, which: str) -> int:
        """Those of one rule."""
        return self.records_years if which == RECORDS else self.documents_years


RULES = (
    Rule("A draft", "it was last touched", timedelta(days=30), "the answers, and the key of whoever has nothing else"),
    Rule("An intake without a booking", "it was last touched", timedelta(days=30), "the answers and the key"),
    Rule(
        "What was saved before a session and not sent",
        "it was last saved, once no session is coming",
        timedelta(days=30),
        "what was saved; what was sent before stays",
    ),
    Rule(
        "What an invited partner saved and did not send",
        "it was last saved, once no session is coming",
        timedelta(days=30),
        "the answers, and the key of whoever has nothing else and comes with nobody",
    ),
    Rule(
        "Somebody whom the practice entered",
        "then, or the last change of a booking, if no answers and no session came of it",
        timedelta(days=30),
        "the contact and the key",
    ),
    Rule("Whom an invitation went to", "it ran out", timedelta(days=30), "the address and the hash of its code"),
    Rule("A wish for a licence somewhere", "it was made", timedelta(days=180), "the contact and the key"),
    Rule("The same", "they were told", timedelta(days=30), "the contact and the key"),
    Rule("A client’s browser session", "sign-in", timedelta(hours=12), "the session"),
    Rule("A mailed link", "it was sent", timedelta(days=60), "the link"),
    Rule(
        "A record that was handed over",
        "it was handed over",
        HANDED_FOR,
        "the copy; that it was handed over stays",
    ),
    Rule("Records", "the last session", RECORDS, "the person’s key, and with it all that is sealed with it"),
    Rule("Receipts, invoices, credit notes", "their day", DOCUMENTS, "the document’s key; number and sums stay"),
)
"""Everything that the worker erases by itself, each night. A hold stops all but sessions, links and such copies."""


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; for a 29th of February that isn't there, the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def is_over(ended: datetime, now: datetime, years: int) -> bool:
    """Whether so many whole years have passed since something ended; both aware, in the practice's own zone."""
    return ended.date() <= years_before(now.date(), years)
