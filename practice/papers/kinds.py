"""Which documents there are, and how each is numbered. Pure."""

from __future__ import annotations

from enum import StrEnum

from practice.languages import N_


class Kind(StrEnum):
    """A kind of document. Each has a series of numbers for each year, and a letter that tells the series apart."""

    ESTIMATE = "estimate"
    RECEIPT = "receipt"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    SUPERBILL = "superbill"


BOOKS = frozenset({Kind.RECEIPT, Kind.INVOICE, Kind.CREDIT_NOTE})
"""What the books need for years, also of somebody who was erased: each has a key of its own. Others go with them."""

LETTERS = {
    Kind.ESTIMATE: "E",
    Kind.RECEIPT: "R",
    Kind.INVOICE: "I",
    Kind.CREDIT_NOTE: "C",
    Kind.SUPERBILL: "S",
}
TITLES = {
    Kind.ESTIMATE: N_("Good faith estimate"),
    Kind.RECEIPT: N_("Receipt"),
    Kind.INVOICE: N_("Invoice"),
    Kind.CREDIT_NOTE: N_("Credit note"),
    Kind.SUPERBILL: N_("Statement for insurance (superbill)"),
}


def write_number(kind: Kind, year: int, number: int) -> str:
    """`R2027-0012`. It says nothing of whom or what it is about."""
    return f"{LETTERS[kind]}{year}-{number:04}"


def name_file(number: str) -> str:
    """`document-r2027-0012.pdf`: what somebody finds in a folder of downloads."""
    return f"document-{number.lower()}.pdf"
