"""What a good faith estimate says: 45 CFR 149.610(c)(1). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from practice.money import Money
from practice.papers.kinds import TITLES, Kind
from practice.papers.layout import Section, Sheet, Table, amount, facts, in_words

DISCLAIMERS = (
    "This is only an estimate of what the session is reasonably expected to cost, made before it takes place. Actual "
    "services or charges may differ from it.",
    "There may be other services that your therapist recommends as part of your care. They are scheduled separately "
    "and are not part of this estimate; you get an estimate of their own for them.",
    "If you are billed $400 or more above this estimate, you have the right to dispute the bill. You can ask us to "
    "correct it, or start the patient-provider dispute resolution process of the U.S. Department of Health and Human "
    "Services within 120 days of the date on the bill. Starting it does not affect the quality of your care. There is "
    "a $25 fee; the agency’s reviewer decides whether you pay the price on this estimate or the higher amount. How to "
    "start it, and more about your right to an estimate: www.cms.gov/nosurprises or 1-800-985-3059.",
    "This estimate is not a contract. It does not oblige you to get the service from us.",
    "Keep a copy of it. You may need it if you are billed a higher amount.",
)


@dataclass(frozen=True)
class Expected:
    """What is expected, as plain words and values."""

    patient: str
    born: str
    service: str
    day: date
    code: str
    price: Money
    provider: str
    npi: str
    tin: str
    place: str
    state: str


def write_estimate(expected: Expected, sender: tuple[str, ...], size: str, replaces: str | None) -> Sheet:
    """The whole estimate. `replaces` is the number of the one before, where there is one."""
    charge = amount(expected.price)
    return Sheet(
        title=TITLES[Kind.ESTIMATE],
        sender=sender,
        size=size,
        sections=(
            Section(
                "",
                facts=facts(
                    ("Patient", expected.patient),
                    ("Date of birth", expected.born),
                    ("Replaces", f"Document {replaces}" if replaces else ""),
                ),
            ),
            Section(
                "What is planned",
                facts=facts(("Service", expected.service), ("Date", in_words(expected.day))),
            ),
            Section(
                "What it is expected to cost",
                table=Table(
                    ("Service", "Service code", "Charge"),
                    ((expected.service, expected.code or "None set", charge),),
                    (("Total expected charge", charge),),
                ),
                notes=("Diagnosis code: not applicable. None is used to estimate this charge.",),
            ),
            Section(
                "Who provides it",
                facts=facts(
                    ("Provider", expected.provider),
                    ("NPI", expected.npi),
                    ("Tax ID", expected.tin),
                    ("Where", expected.place),
                    ("State", expected.state),
                ),
            ),
            Section("What you should know", notes=DISCLAIMERS),
        ),
    )
