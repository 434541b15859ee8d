"""What runs out when: one table, which docs/privacy.md shows and a test compares. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from practice.languages import N_
from practice.rights.access.rules import HANDED_FOR

RECORDS_YEARS, DOCUMENTS_YEARS = 7, 10  # until a practice says otherwise
RECORDS, DOCUMENTS = "records_years", "documents_years"  # which of its terms


def _in_english(one: str, several: str, num: int) -> str:
    return (one if num == 1 else several) % {"num": num}


@dataclass(frozen=True)
class Rule:
    """One thing that runs out: what, after what, how long after it (or by which of the practice's terms), what goes.

    The words are marked: whoever shows them looks them up.
    """

    what: str
    after: str
    life: timedelta | str
    goes: str

    def says(self, terms: Terms, ngettext: Callable[[str, str, int], str] = _in_english) -> str:
        """How long, in words; in the language that `ngettext` speaks."""
        if isinstance(self.life, str):
            return ngettext("%(num)s year", "%(num)s years", terms.years(self.life))
        if self.life >= timedelta(days=1):
            return ngettext("%(num)s day", "%(num)s days", self.life.days)
        return ngettext("%(num)s hour", "%(num)s hours", self.life.seconds // 3600)


@dataclass(frozen=True)
class Terms:
    """How many years the practice keeps records after the last session, and documents after their day."""

    records_years: int = RECORDS_YEARS
    documents_years: int = DOCUMENTS_YEARS

    def years(self, which: str) -> int:
        """Those of one rule."""
        return self.records_years if which == RECORDS else self.documents_years


RULES = (
    Rule(
        N_("A draft"),
        N_("it was last touched"),
        timedelta(days=30),
        N_("the answers, and the key of whoever has nothing else"),
    ),
    Rule(
        N_("An intake without a booking"), N_("it was last touched"), timedelta(days=30), N_("the answers and the key")
    ),
    Rule(
        N_("What was saved before a session and not sent"),
        N_("it was last saved, once no session is coming"),
        timedelta(days=30),
        N_("what was saved; what was sent before stays"),
    ),
    Rule(
        N_("What an invited partner saved and did not send"),
        N_("it was last saved, once no session is coming"),
        timedelta(days=30),
        N_("the answers, and the key of whoever has nothing else and comes with nobody"),
    ),
    Rule(
        N_("Somebody whom the practice entered"),
        N_("then, or the last change of a booking, if no answers and no session came of it"),
        timedelta(days=30),
        N_("the contact and the key"),
    ),
    Rule(
        N_("Whom an invitation went to"),
        N_("it ran out"),
        timedelta(days=30),
        N_("the address and the hash of its code"),
    ),
    Rule(N_("A wish for a license somewhere"), N_("it was made"), timedelta(days=180), N_("the contact and the key")),
    Rule(N_("The same"), N_("they were told"), timedelta(days=30), N_("the contact and the key")),
    Rule(N_("A client’s browser session"), N_("sign-in"), timedelta(hours=12), N_("the session")),
    Rule(N_("A mailed link"), N_("it was sent"), timedelta(days=60), N_("the link")),
    Rule(
        N_("A record that was handed over"),
        N_("it was handed over"),
        HANDED_FOR,
        N_("the copy; that it was handed over stays"),
    ),
    Rule(
        N_("Records"), N_("the last session"), RECORDS, N_("the person’s key, and with it all that is sealed with it")
    ),
    Rule(
        N_("Receipts, invoices, credit notes"),
        N_("their day"),
        DOCUMENTS,
        N_("the document’s key; number and sums stay"),
    ),
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
