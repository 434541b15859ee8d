"""What a good faith estimate says: 45 CFR 149.610(c)(1). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from practice.languages import N_
from practice.money import Money
from practice.papers.kinds import TITLES, Kind
from practice.papers.layout import ENGLISH, Section, Sheet, Table, Voice, amount, facts

DISCLAIMERS = (
    N_(
        "This is only an estimate of what the session is reasonably expected to cost, made before it takes place. "
        "Actual services or charges may differ from it."
    ),
    N_(
        "There may be other services that your therapist recommends as part of your care. They are scheduled "
        "separately and are not part of this estimate; you get an estimate of their own for them."
    ),
    N_(
        "If you are billed $400 or more above this estimate, you have the right to dispute the bill. You can ask "
        "us to correct it, or start the patient-provider dispute resolution process of the U.S. Department of "
        "Health and Human Services within 120 days of the date on the bill. Starting it does not affect the "
        "quality of your care. There is a $25 fee; the agency’s reviewer decides whether you pay the price on this "
        "estimate or the higher amount. How to start it, and more about your right to an estimate: "
        "www.cms.gov/nosurprises or 1-800-985-3059."
    ),
    N_("This estimate is not a contract. It does not oblige you to get the service from us."),
    N_("Keep a copy of it. You may need it if you are billed a higher amount."),
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


def write_estimate(
    expected: Expected, sender: tuple[str, ...], size: str, replaces: str | None, voice: Voice = ENGLISH
) -> Sheet:
    """The whole estimate. `replaces` is the number of the one before, where there is one."""
    charge, say = amount(expected.price), voice.say
    return Sheet(
        title=say(TITLES[Kind.ESTIMATE]),
        sender=sender,
        size=size,
        language=voice.language,
        sections=(
            Section(
                "",
                facts=facts(
                    (say(N_("Patient")), expected.patient),
                    (say(N_("Date of birth")), expected.born),
                    (say(N_("Replaces")), say(N_("Document %(number)s"), number=replaces) if replaces else ""),
                ),
            ),
            Section(
                say(N_("What is planned")),
                facts=facts(
                    (say(N_("Service")), expected.service),
                    (say(N_("Date")), voice.day(expected.day)),
                ),
            ),
            Section(
                say(N_("What it is expected to cost")),
                table=Table(
                    (say(N_("Service")), say(N_("Service code")), say(N_("Charge"))),
                    ((expected.service, expected.code or say(N_("None set")), charge),),
                    ((say(N_("Total expected charge")), charge),),
                ),
                notes=(say(N_("Diagnosis code: not applicable. None is used to estimate this charge.")),),
            ),
            Section(
                say(N_("Who provides it")),
                facts=facts(
                    (say(N_("Provider")), expected.provider),
                    ("NPI", expected.npi),
                    (say(N_("Tax ID")), expected.tin),
                    (say(N_("Where")), expected.place),
                    (say(N_("State")), expected.state),
                ),
            ),
            Section(say(N_("What you should know")), notes=tuple(say(one) for one in DISCLAIMERS)),
        ),
    )
