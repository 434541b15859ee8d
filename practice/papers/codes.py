"""The numbers and codes that documents carry: how each is shaped. Empty is always fine: "where set". Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from practice.languages import N_

EIN = re.compile(r"[0-9]{2}-[0-9]{7}")
NPI = re.compile(r"[0-9]{10}")
NPI_PREFIX = "80840"  # the card issuer number under which an NPI's check digit is computed
SERVICE = re.compile(r"[0-9]{5}|[0-9]{4}[A-Z]|[A-Z][0-9]{4}")  # CPT, or HCPCS level II
LICENCE_LENGTH, CREDENTIALS_LENGTH = 120, 60  # as the database keeps them
TOO_LONG = {
    LICENCE_LENGTH: N_("Write at most 120 characters."),
    CREDENTIALS_LENGTH: N_("Write at most 60 characters."),
}
DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")  # ICD-10-CM


def read_npi(typed: str) -> str:
    """A National Provider Identifier.

    :raises ValueError: in words, as all of these, marked for the catalogues.
    """
    said = typed.replace(" ", "")
    if said and not (NPI.fullmatch(said) and passes_luhn(NPI_PREFIX + said)):
        raise ValueError(N_("An NPI is ten digits with a check digit at the end. Compare it with your registration."))
    return said


def read_tin(typed: str) -> str:
    """An employer identification number."""
    said = typed.strip()
    if said and not EIN.fullmatch(said):
        raise ValueError(N_("Write the tax number like 12-3456789."))
    return said


def read_service_code(typed: str) -> str:
    """What kind of service it is: a CPT code."""
    said = typed.strip().upper()
    if said and not SERVICE.fullmatch(said):
        raise ValueError(N_("A service code has five characters, like 90847."))
    return said


def read_diagnosis(typed: str) -> str:
    """An ICD-10-CM code."""
    said = typed.strip().upper()
    if said and not DIAGNOSIS.fullmatch(said):
        raise ValueError(N_("Write the code like F43.23: a letter, two characters, and after a point up to four more."))
    return said


def read_licence(typed: str) -> str:
    """State and number, as an insurer wants to read them."""
    return _within(typed, LICENCE_LENGTH)


def read_credentials(typed: str) -> str:
    """What stands behind a name."""
    return _within(typed, CREDENTIALS_LENGTH)


def _within(typed: str, most: int) -> str:
    said = typed.strip()
    if len(said) > most:
        raise ValueError(TOO_LONG[most])
    if not said.isprintable():
        raise ValueError(N_("There is a character in it that can’t be printed. Type it anew."))
    return said


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


READERS: dict[str, Callable[[str], str]] = {
    "npi": read_npi,
    "tin": read_tin,
    "service_code": read_service_code,
    "licence": read_licence,
    "credentials": read_credentials,
}
