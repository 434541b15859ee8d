"""What holds for the whole practice, changed: what it is called and how it is reached, and how booking goes.

Page, first run and command end here, so that each is checked alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields, replace
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from sqlalchemy import select

from practice.audit import record
from practice.booking.offers.checks import LONGEST_ADDRESS, LONGEST_NAME, Problem, check
from practice.booking.offers.models import Offering
from practice.booking.prices.amounts import read_amount, write_amount
from practice.database import Model, db
from practice.languages import N_
from practice.money import Money
from practice.notify.mailer import SAFE_ADDRESS
from practice.profile import ONLY, PracticeProfile, profile
from practice.regions import COUNTRIES
from practice.setup import actions, queries
from practice.speaking import gettext as _
from practice.work import Work

STATEMENT = re.compile(r"[A-Za-z0-9 .\-]{5,22}")
LONGEST_EMAIL, LONGEST_PHONE = 254, 40
LONGEST_ATTENDED = 60  # days
CHANGED_HERE = ("offering", "practice_profile")  # whose currency follows; every other sum stands as it was agreed


@dataclass(frozen=True)
class PracticeDetails:
    """What clients read of the practice, in the profile's own terms."""

    name: str
    zone: str
    currency: str
    email: str
    phone: str
    address: str
    help_region: str
    statement_name: str


@dataclass(frozen=True)
class BookingRules:
    """How booking goes, in the profile's own terms; None is none."""

    review_first: bool
    withdrawal_days: int | None
    reminder_hours: int | None
    attended_after_days: int | None


def read_details() -> PracticeDetails:
    """What stands."""
    found = profile()
    return PracticeDetails(**{one.name: getattr(found, one.name) for one in fields(PracticeDetails)})


def read_rules() -> BookingRules:
    """What stands."""
    found = profile()
    return BookingRules(**{one.name: getattr(found, one.name) for one in fields(BookingRules)})


def mark_of(said: PracticeDetails | BookingRules) -> str:
    """What stands, in a few letters."""
    return queries.mark_of(astuple(said))


def problems_of_practice(asked: PracticeDetails) -> Iterator[Problem]:
    """What is wrong with it, whatever stood before."""
    for field, longest in (("name", LONGEST_NAME), ("phone", LONGEST_PHONE), ("address", LONGEST_ADDRESS)):
        value = getattr(asked, field)
        if len(value) > longest or not value.isprintable():
            yield Problem(field, _("Write one line of %(longest)s letters at most.", longest=longest))
    if not asked.name:
        yield Problem("name", _("It can't be empty. Write what clients call the practice."))
    if asked.zone not in available_timezones():
        yield Problem("zone", _("There is no such time zone. Write it as America/New_York."))
    if asked.currency not in list_currencies():
        yield Problem("currency", _("Write the three letters of its ISO code, as in USD."))
    if not SAFE_ADDRESS.fullmatch(asked.email) or len(asked.email) > LONGEST_EMAIL:
        yield Problem("email", _("Write an address that people can write to, as in office@example.org."))
    elif not asked.email.isascii():  # letters come from it where no other sender is set
        yield Problem("email", _("Write it without accents: many mail servers take no others."))
    if asked.help_region not in COUNTRIES:
        yield Problem("help_region", _("Write US, GB or CA."))
    if not STATEMENT.fullmatch(asked.statement_name):
        yield Problem(
            "statement_name", _("Write 5 to 22 letters, digits, spaces, dots or hyphens, and nothing that tells.")
        )


def problems_of_rules(asked: BookingRules) -> Iterator[Problem]:
    """What is wrong with it."""
    days, hours = (
        N_("Write 1 to %(most)s days, or leave it empty for none."),
        N_("Write 1 to %(most)s hours, or leave it empty for none."),
    )
    for field, highest, words in (
        ("withdrawal_days", actions.LONGEST_WITHDRAWAL, days),
        ("reminder_hours", actions.LONGEST_REMINDER, hours),
        ("attended_after_days", LONGEST_ATTENDED, days),
    ):
        value = getattr(asked, field)
        if value is not None and not 1 <= value <= highest:
            yield Problem(field, _(words, most=highest))


def has_sums() -> bool:
    """Whether anything stands in the practice's currency for good: a booking, a payment, an agreement."""
    return any(
        db.session.execute(select(1).where(table.c.currency.is_not(None)).limit(1)).first() is not None
        for table in Model.metadata.sorted_tables
        if "currency" in table.c and table.name not in CHANGED_HERE
    )


def save_practice(work: Work, actor: str, asked: PracticeDetails, *, seen: str | None = None) -> None:
    """Keep what clients read of the practice, from now on, on every page and in every letter.

    :raises ChangedMeanwhile: when it stands otherwise than `seen`.
    :raises InvalidOffer: where a field is wrong.
    """
    row = work.session.get_one(PracticeProfile, ONLY, with_for_update=True, populate_existing=True)
    stands = PracticeDetails(**{one.name: getattr(row, one.name) for one in fields(PracticeDetails)})
    actions.check_seen(seen, mark_of(stands))
    check(problems_of_practice(asked))
    if asked.currency != stands.currency:
        _change_currency(work, row, asked.currency)
    changed = [one.name for one in fields(asked) if getattr(asked, one.name) != getattr(stands, one.name)]
    for name in changed:
        setattr(row, name, getattr(asked, name))
    work.session.flush()
    record(work, actor, "practice_saved", "practice", {"changed": ",".join(changed)})


def save_rules(work: Work, actor: str, asked: BookingRules, *, seen: str | None = None) -> None:
    """Keep how booking goes; what didn't change is not written, and not noted.

    :raises ChangedMeanwhile: when it stands otherwise than `seen`.
    :raises InvalidOffer: where a number is wrong.
    """
    row = work.session.get_one(PracticeProfile, ONLY, with_for_update=True, populate_existing=True)
    stands = BookingRules(**{one.name: getattr(row, one.name) for one in fields(BookingRules)})
    actions.check_seen(seen, mark_of(stands))
    check(problems_of_rules(asked))
    if asked.review_first != stands.review_first:
        actions.set_review_first(work, actor, on=asked.review_first)
    if asked.withdrawal_days != stands.withdrawal_days:
        actions.set_withdrawal_days(work, actor, asked.withdrawal_days)
    if asked.reminder_hours != stands.reminder_hours:
        actions.set_reminder_hours(work, actor, asked.reminder_hours)
    if asked.attended_after_days != stands.attended_after_days:
        row.attended_after_days = asked.attended_after_days
        work.session.flush()
        record(work, actor, "attended_after_set", "practice", {"days": asked.attended_after_days or 0})


def _change_currency(work: Work, row: PracticeProfile, currency: str) -> None:
    """Every price keeps its number, as somebody reads it: 160 stays 160."""
    if has_sums():
        refusal = _("Something is booked, agreed or paid in the currency that stands. It can’t be changed any more.")
        check(iter([Problem("currency", refusal)]))
    try:
        for offering in work.session.scalars(select(Offering)):
            offering.price_minor = read_amount(write_amount(offering.price), currency)
            offering.currency = currency
        for fee in ("late_fee_minor", "missed_fee_minor"):
            minor = getattr(row, fee)
            if minor is not None:
                setattr(row, fee, read_amount(write_amount(Money(minor, row.currency)), currency))
    except ValueError:
        words = _("A price has more decimals than this currency. Write whole prices first, under Offerings.")
        check(iter([Problem("currency", words)]))


def trimmed(asked: PracticeDetails) -> PracticeDetails:
    """The same without what stands around each value by accident."""
    return replace(asked, **{one.name: getattr(asked, one.name).strip() for one in fields(asked)})
