"""What receipts, invoices, credit notes and superbills say. Pure: plain values in, a sheet out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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


@dataclass(frozen=True)
class Treated:
    """A session that took place, as an insurer asks for it."""

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
    paid: Money


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
                table=Table(("Description", "Date", "Amount"), tuple(lines), (*sums, *_tax(kept, paid.tax_percent))),
            ),
        ),
    )


def write_invoice(paid: Paid, frame: Frame, corrects: str | None) -> Sheet:
    """What was supplied, when, to whom, for how much. `corrects` is the number of one that this takes the place of."""
    return Sheet(
        title=TITLES[Kind.INVOICE],
        sender=frame.sender,
        size=frame.size,
        sections=(
            Section(
                "",
                facts=facts(
                    ("For", paid.payer),
                    ("Our tax ID", frame.tin),
                    ("Corrects", f"Document {corrects}, which it takes the place of" if corrects else ""),
                ),
            ),
            Section(
                "What was supplied",
                table=Table(
                    ("Description", "Date", "Amount"),
                    ((paid.service, in_words(paid.service_day), amount(paid.money)),),
                    (("Total", amount(paid.money)), *_tax(paid.money, paid.tax_percent)),
                ),
                notes=(f"Paid by card on {in_words(paid.paid_day)}. Nothing is due.",),
            ),
        ),
    )


def write_credit_note(paid: Paid, frame: Frame, money: Money, credits: str, invoiced_on: date) -> Sheet:
    """How much less an invoice is worth since it was issued. `credits` is the number of that invoice."""
    return Sheet(
        title=TITLES[Kind.CREDIT_NOTE],
        sender=frame.sender,
        size=frame.size,
        sections=(
            Section(
                "",
                facts=facts(
                    ("For", paid.payer),
                    ("Our tax ID", frame.tin),
                    ("Refers to", f"Document {credits} of {in_words(invoiced_on)}"),
                ),
            ),
            Section(
                "What is credited",
                table=Table(
                    ("Description", "Date", "Amount"),
                    ((paid.service, in_words(paid.service_day), amount(money)),),
                    (("Credited", amount(money)), *_tax(money, paid.tax_percent)),
                ),
                notes=("It goes back to the payer.",),
            ),
        ),
    )


def write_superbill(treated: Treated, frame: Frame, replaces: str | None = None) -> Sheet:
    """What an insurer wants to know of a session that was paid. `replaces` as above."""
    charged, paid = amount(treated.charged), amount(treated.paid)
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
                    (("Charged", charged), ("Paid by the patient", paid)),
                ),
                notes=(
                    "It is paid. Whether your insurer pays something back to you, and how much, is for them to say.",
                ),
            ),
        ),
    )


def _replaces(number: str | None) -> tuple[str, str]:
    return ("Replaces", f"Document {number}" if number else "")


def _tax(money: Money, percent: str | None) -> tuple[tuple[str, str], ...]:
    if percent is None:
        return ()
    tax = Money(included_tax(money.minor_units, percent), money.currency)
    return ((f"Tax within it, {percent}%", amount(tax)), ("Without tax", amount(money - tax)))
