"""What receipts, invoices, credit notes and superbills say. Pure: plain values in, a sheet out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from practice.money import Money, included_tax
from practice.papers.kinds import TITLES, Kind
from practice.papers.layout import Section, Sheet, Table, amount, facts, in_words

VIDEO, OFFICE = "02", "11"  # place of service, as insurers number it
PLACES = {VIDEO: "02, telehealth", OFFICE: "11, office"}


@dataclass(frozen=True)
class Frame:
    """What is the same on every document: who writes it, their tax number, and the paper's size."""

    sender: tuple[str, ...]
    tin: str
    size: str


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

    AHEAD = "What is supplied"
    ATTENDED = "What was supplied"
    MISSED = "Kept for a missed appointment"
    LATE = "Kept for a late cancellation"
    CANCELLED = "Kept for a cancellation"


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
    lines = [(paid.service, in_words(paid.service_day), amount(paid.money))]
    kept = paid.money
    for one in paid.back:
        lines.append((one.how, in_words(one.day), f"−{amount(one.money)}"))
        kept -= one.money
    sums = [("Paid", amount(paid.money))]
    if paid.back:
        sums.append(("Left after what went back", amount(kept)))
    return Sheet(
        title=TITLES[Kind.RECEIPT],
        sender=frame.sender,
        size=frame.size,
        sections=(
            Section(
                "",
                facts=facts(
                    ("Received from", paid.payer),
                    ("Received on", in_words(paid.paid_day)),
                    ("Paid by", "Card"),
                    ("Our tax ID", frame.tin),
                    _replaces(replaces),
                ),
            ),
            Section(
                "For",
                table=Table(
                    ("Description", "Date", "Amount"),
                    tuple(lines),
                    (*sums, *_tax(kept, paid.tax_percent, _left_of_tax(paid))),
                ),
            ),
        ),
    )


def write_invoice(billed: Billed, frame: Frame, money: Money, rate: str | None, corrects: str | None) -> Sheet:
    """What was supplied or kept, when, to whom, for how much, with the tax within it.

    `corrects` is the number of one that this takes the place of.
    """
    return Sheet(
        title=TITLES[Kind.INVOICE],
        sender=frame.sender,
        size=frame.size,
        sections=(
            Section(
                "",
                facts=facts(
                    ("For", billed.payer),
                    ("Our tax ID", frame.tin),
                    ("Corrects", f"Document {corrects}, which it takes the place of" if corrects else ""),
                ),
            ),
            Section(
                billed.supply,
                table=_supplied(billed, money, "Total", rate),
                notes=(f"Paid by card on {in_words(billed.paid_day)}. Nothing is due.",),
            ),
        ),
    )


GOES_BACK = "It goes back to the payer."
IS_CORRECTED = "Another invoice takes the place of that one. It says what stays paid."


def write_credit_note(billed: Billed, frame: Frame, money: Money, invoice: Invoiced, why: str) -> Sheet:
    """How much less an invoice is worth since it was issued, and why."""
    return Sheet(
        title=TITLES[Kind.CREDIT_NOTE],
        sender=frame.sender,
        size=frame.size,
        sections=(
            Section(
                "",
                facts=facts(
                    ("For", billed.payer),
                    ("Our tax ID", frame.tin),
                    ("Refers to", f"Document {invoice.number} of {in_words(invoice.day)}"),
                ),
            ),
            Section(
                "What is credited",
                table=_supplied(billed, money, "Credited", invoice.tax_percent),
                notes=(why,),
            ),
        ),
    )


def write_superbill(treated: Treated, frame: Frame, replaces: str | None = None) -> Sheet:
    """What an insurer wants to know of a session that was paid. `replaces` as above."""
    charged = amount(treated.charged)
    return Sheet(
        title=TITLES[Kind.SUPERBILL],
        sender=frame.sender,
        size=frame.size,
        sections=(
            Section(
                "Patient",
                facts=facts(("Name", treated.patient), ("Date of birth", in_words(treated.born)), _replaces(replaces)),
            ),
            Section(
                "Provider",
                facts=facts(
                    ("Name", treated.provider),
                    ("Licence", treated.licence),
                    ("NPI", treated.npi),
                    ("Practice’s NPI", treated.practice_npi),
                    ("Tax ID", frame.tin),
                ),
            ),
            Section(
                "Service",
                facts=facts(
                    ("Date of service", in_words(treated.day)),
                    ("Place of service", PLACES[treated.place]),
                    ("Diagnosis (ICD-10)", treated.diagnosis),
                ),
                table=Table(
                    ("Service", "Code", "Charge"),
                    ((treated.service, treated.code, charged),),
                    (("Charged", charged), ("Paid by the patient", charged)),
                ),
                notes=(
                    "It is paid. Whether your insurer pays something back to you, and how much, is for them to say.",
                ),
            ),
        ),
    )


def _supplied(billed: Billed, money: Money, total: str, percent: str | None) -> Table:
    return Table(
        ("Description", "Date", "Amount"),
        ((billed.service, in_words(billed.service_day), amount(money)),),
        ((total, amount(money)), *_tax(money, percent)),
    )


def _replaces(number: str | None) -> tuple[str, str]:
    return ("Replaces", f"Document {number}" if number else "")


def _left_of_tax(paid: Paid) -> int:
    """Line by line, as in the file for taxes: the tax of the payment without that of each part that went back.

    Each line is rounded by itself, so many small parts may take a cent more than there was.
    """
    back = sum(included_tax(one.money.minor_units, paid.tax_percent) for one in paid.back)
    return max(0, included_tax(paid.money.minor_units, paid.tax_percent) - back)


def _tax(money: Money, percent: str | None, tax_minor: int | None = None) -> tuple[tuple[str, str], ...]:
    """The tax within a sum. `tax_minor` where it isn't that of the sum by itself."""
    if percent is None:
        return ()
    tax = Money(included_tax(money.minor_units, percent) if tax_minor is None else tax_minor, money.currency)
    return ((f"Tax within it, {percent}%", amount(tax)), ("Without tax", amount(money - tax)))
