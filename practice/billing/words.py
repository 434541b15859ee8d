"""What receipts, invoices, credit notes and superbills say. Pure: plain values in, a sheet out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from practice.languages import N_
from practice.money import Money, included_tax
from practice.papers.kinds import TITLES, Kind
from practice.papers.layout import ENGLISH, Section, Sheet, Table, Voice, amount, facts

VIDEO, OFFICE = "02", "11"  # place of service, as insurers number it
PLACES = {VIDEO: N_("02, telehealth"), OFFICE: N_("11, office")}


@dataclass(frozen=True)
class Frame:
    """What is the same on every document: who writes it, their tax number, the paper's size, and the language."""

    sender: tuple[str, ...]
    tin: str
    size: str
    voice: Voice = ENGLISH

    def sheet(self, kind: Kind, *sections: Section) -> Sheet:
        """A document of this kind."""
        return Sheet(self.voice.say(TITLES[kind]), self.sender, sections, self.size, self.voice.language)


@dataclass(frozen=True)
class Given:
    """Money that went back, or is on its way."""

    day: date
    money: Money
    how: str


@dataclass(frozen=True)
class Paid:
    """One payment for one session. `tax_percent` is the tax within the price."""

    payer: str
    service: str
    service_day: date
    paid_day: date
    money: Money
    back: tuple[Given, ...]
    tax_percent: str | None


class Supply(StrEnum):
    """What an invoice is for, as its heading: how the session stands when it is made."""

    AHEAD = N_("What is supplied")
    ATTENDED = N_("What was supplied")
    MISSED = N_("Kept for a missed appointment")
    LATE = N_("Kept for a late cancellation")
    CANCELLED = N_("Kept for a cancellation")


@dataclass(frozen=True)
class Billed:
    """What an invoice and its credit notes are about. The sums are their own: what was left when each was made."""

    payer: str
    supply: Supply
    service: str
    service_day: date
    paid_day: date


@dataclass(frozen=True)
class Invoiced:
    """An invoice that a credit note is about."""

    number: str
    day: date
    tax_percent: str | None


@dataclass(frozen=True)
class Treated:
    """A session that took place, as an insurer asks for it. `charged` is what was paid of it and not given back."""

    patient: str
    born: date
    provider: str
    licence: str
    npi: str
    practice_npi: str
    day: date
    service: str
    place: str
    code: str
    diagnosis: str
    charged: Money


def write_receipt(paid: Paid, frame: Frame, replaces: str | None = None) -> Sheet:
    """What was paid, when and how, and what went back of it. `replaces` is the number of the one before."""
    say, day, short = frame.voice.say, frame.voice.day, frame.voice.day_in_table
    lines = [(paid.service, short(paid.service_day), amount(paid.money))]
    kept = paid.money
    for one in paid.back:
        lines.append((one.how, short(one.day), f"−{amount(one.money)}"))
        kept -= one.money
    sums = [(say(N_("Paid")), amount(paid.money))]
    if paid.back:
        sums.append((say(N_("Left after what went back")), amount(kept)))
    return frame.sheet(
        Kind.RECEIPT,
        Section(
            "",
            facts=facts(
                (say(N_("Received from")), paid.payer),
                (say(N_("Received on")), day(paid.paid_day)),
                (say(N_("Paid by")), say(N_("Card"))),
                (say(N_("Our tax ID")), frame.tin),
                _replaces(replaces, frame.voice),
            ),
        ),
        Section(
            say(N_("For")),
            table=Table(
                _columns(frame.voice),
                tuple(lines),
                (*sums, *_tax(kept, paid.tax_percent, frame.voice, _left_of_tax(paid))),
            ),
        ),
    )


def write_invoice(billed: Billed, frame: Frame, money: Money, rate: str | None, corrects: str | None) -> Sheet:
    """What was supplied or kept, when, to whom, for how much, with the tax within it.

    `corrects` is the number of one that this takes the place of.
    """
    say, day = frame.voice.say, frame.voice.day
    place_of = say(N_("Document %(number)s, which it takes the place of"), number=corrects) if corrects else ""
    return frame.sheet(
        Kind.INVOICE,
        Section(
            "",
            facts=facts(
                (say(N_("For")), billed.payer),
                (say(N_("Our tax ID")), frame.tin),
                (say(N_("Corrects")), place_of),
            ),
        ),
        Section(
            say(billed.supply.value),
            table=_supplied(billed, money, say(N_("Total")), rate, frame.voice),
            notes=(say(N_("Paid by card on %(day)s. Nothing is due."), day=day(billed.paid_day)),),
        ),
    )


GOES_BACK = N_("It goes back to the payer.")
IS_CORRECTED = N_("Another invoice takes the place of that one. It says what stays paid.")


def write_credit_note(billed: Billed, frame: Frame, money: Money, invoice: Invoiced, why: str) -> Sheet:
    """How much less an invoice is worth since it was issued, and why: one of the two sentences above."""
    say, day = frame.voice.say, frame.voice.day
    return frame.sheet(
        Kind.CREDIT_NOTE,
        Section(
            "",
            facts=facts(
                (say(N_("For")), billed.payer),
                (say(N_("Our tax ID")), frame.tin),
                (
                    say(N_("Refers to")),
                    say(N_("Document %(number)s of %(day)s"), number=invoice.number, day=day(invoice.day)),
                ),
            ),
        ),
        Section(
            say(N_("What is credited")),
            table=_supplied(billed, money, say(N_("Credited")), invoice.tax_percent, frame.voice),
            notes=(say(why),),
        ),
    )


def write_superbill(treated: Treated, frame: Frame, replaces: str | None = None) -> Sheet:
    """What an insurer wants to know of a session that was paid. `replaces` as above."""
    charged, say, day = amount(treated.charged), frame.voice.say, frame.voice.day
    return frame.sheet(
        Kind.SUPERBILL,
        Section(
            say(N_("Patient")),
            facts=facts(
                (say(N_("Name")), treated.patient),
                (say(N_("Date of birth")), day(treated.born)),
                _replaces(replaces, frame.voice),
            ),
        ),
        Section(
            say(N_("Provider")),
            facts=facts(
                (say(N_("Name")), treated.provider),
                (say(N_("License")), treated.licence),
                ("NPI", treated.npi),
                (say(N_("Practice’s NPI")), treated.practice_npi),
                (say(N_("Tax ID")), frame.tin),
            ),
        ),
        Section(
            say(N_("Service")),
            facts=facts(
                (say(N_("Date of service")), day(treated.day)),
                (say(N_("Place of service")), say(PLACES[treated.place])),
                (say(N_("Diagnosis (ICD-10)")), treated.diagnosis),
            ),
            table=Table(
                (say(N_("Service")), say(N_("Code")), say(N_("Charge"))),
                ((treated.service, treated.code, charged),),
                ((say(N_("Charged")), charged), (say(N_("Paid by the patient")), charged)),
            ),
            notes=(
                say(
                    N_("It is paid. Whether your insurer pays something back to you, and how much, is for them to say.")
                ),
            ),
        ),
    )


def _columns(voice: Voice) -> tuple[str, str, str]:
    return (voice.say(N_("Description")), voice.say(N_("Date")), voice.say(N_("Amount")))


def _supplied(billed: Billed, money: Money, total: str, percent: str | None, voice: Voice) -> Table:
    return Table(
        _columns(voice),
        ((billed.service, voice.day_in_table(billed.service_day), amount(money)),),
        ((total, amount(money)), *_tax(money, percent, voice)),
    )


def _replaces(number: str | None, voice: Voice) -> tuple[str, str]:
    return (voice.say(N_("Replaces")), voice.say(N_("Document %(number)s"), number=number) if number else "")


def _left_of_tax(paid: Paid) -> int:
    """Line by line, as in the file for taxes: the tax of the payment without that of each part that went back.

    Each line is rounded by itself, so many small parts may take a cent more than there was.
    """
    back = sum(included_tax(one.money.minor_units, paid.tax_percent) for one in paid.back)
    return max(0, included_tax(paid.money.minor_units, paid.tax_percent) - back)


def _tax(money: Money, percent: str | None, voice: Voice, tax_minor: int | None = None) -> tuple[tuple[str, str], ...]:
    """The tax within a sum. `tax_minor` where it isn't that of the sum by itself."""
    if percent is None:
        return ()
    tax = Money(included_tax(money.minor_units, percent) if tax_minor is None else tax_minor, money.currency)
    within = voice.say(N_("Tax within it, %(percent)s%%"), percent=percent)
    return ((within, amount(tax)), (voice.say(N_("Without tax")), amount(money - tax)))
