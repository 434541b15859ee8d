"""The first run: what `practice init` writes, so that a new practice can be booked at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time

from practice.booking.offers.models import Offering, Resource, Therapist, WeeklyHours
from practice.booking.offers.therapists import About
from practice.booking.timetable import ANYBODY
from practice.consents.actions import install
from practice.desk_hours import read_weekly, write_weekly
from practice.intake.queries import find_regions
from practice.money import read_percent
from practice.own_words import Texts
from practice.papers.actions import switch_estimates
from practice.profile import ONLY, WITHDRAWAL_DAYS, PracticeProfile
from practice.setup.practice_details import PracticeDetails, problems_of_practice
from practice.speaking import current_language
from practice.staff.actions import create_account
from practice.staff.hashing import hash_new
from practice.staff.models import StaffAccount
from practice.work import Work, begin_work

WEEKDAYS = range(5)
MORNING = (time(9), time(12))
AFTERNOON = (time(13), time(17))
CALLED = {
    "couple": {"en": "Couple", "es": "de pareja"},
    "individual": {"en": "Individual", "es": "individual"},
    "video": {"en": "by video", "es": "por video"},
    "in_person": {"en": "in person", "es": "en persona"},
}


@dataclass(frozen=True)
class PracticeAnswers:
    """What the owner was asked, checked."""

    name: str
    zone: str
    currency: str
    email: str
    phone: str
    address: str
    help_region: str
    desk_hours: str
    statement_name: str
    therapist_name: str
    licence_places: tuple[str, ...]
    join_link: str
    owner_email: str
    owner_password: str
    tax_percent: str = ""

    @classmethod
    def from_words(cls, words: Mapping[str, object]) -> PracticeAnswers:
        """Check the answers.

        :raises ValueError: naming the field and what it should be.
        """
        given = {name: str(value).strip() for name, value in words.items()}
        places = tuple(place.strip().upper() for place in given.pop("licence_places").split(",") if place.strip())
        answers = cls(**given, licence_places=places)
        for problem in answers._problems():
            raise ValueError(problem)
        return answers

    def _problems(self) -> list[str]:
        problems = []
        regions = set(find_regions())
        details = PracticeDetails(**{one.name: getattr(self, one.name) for one in fields(PracticeDetails)})
        for problem in problems_of_practice(details):
            problems.append(f"{problem.field.replace('_', '-')}: {problem.words}")
        try:
            read_weekly(self.desk_hours)
        except ValueError as wrong:
            problems.append(f"desk-hours: {wrong}")
        try:
            read_percent(self.tax_percent)
        except ValueError as wrong:
            problems.append(f"tax-percent: {wrong}")
        if unknown := [place for place in self.licence_places if place not in regions]:
            problems.append(f"licence-places: not known: {', '.join(unknown)}. Write them as US-NY,US-NJ.")
        if not self.join_link.startswith("https://"):
            problems.append("join-link: write the whole address of the video room, beginning with https://")
        if not self.licence_places:
            problems.append("licence-places: name at least one, as in US-NY.")
        if not self.therapist_name:
            problems.append("therapist-name: can't be empty.")
        return problems


def set_up(answers: PracticeAnswers) -> None:
    """Write the profile, the usual offerings, the first therapist and the owner's account.

    :raises ValueError: when the practice is set up already, or the password is too weak.
    """
    password_hash = hash_new(answers.owner_password, address=answers.owner_email)
    with begin_work() as work:
        write_profile(work, answers, desk_hours=answers.desk_hours, tax_percent=answers.tax_percent)
        add_owner(work, answers, password_hash)


def write_profile(
    work: Work, said: PracticeAnswers | PracticeDetails, *, desk_hours: str, tax_percent: str = ""
) -> None:
    """Write what holds for the whole practice, and install what people agree to.

    :raises ValueError: when it is written already.
    """
    if work.session.get(PracticeProfile, ONLY) is not None:
        raise ValueError("This practice is set up already.")
    details = {one.name: getattr(said, one.name) for one in fields(PracticeDetails)}
    work.session.add(
        PracticeProfile(
            id=ONLY,
            **details,
            desk_hours=write_weekly(read_weekly(desk_hours)),
            desk_holidays=said.help_region,
            withdrawal_days=WITHDRAWAL_DAYS.get(said.help_region),
            tax_percent=read_percent(tax_percent),
        )
    )
    work.session.flush()
    if said.help_region == "US":  # the law there wants an estimate before somebody pays themselves
        switch_estimates(work, "command", on=True)
    install(work, "command")


def add_owner(work: Work, answers: PracticeAnswers, password_hash: str) -> StaffAccount:
    """The usual offerings, the first therapist, and the owner's account, who is that therapist."""
    offerings = add_offerings(work, answers.currency)
    return create_account(
        work,
        email=answers.owner_email,
        password_hash=password_hash,
        roles=("owner", "clinician"),
        therapist=_add_first_therapist(work, answers, offerings),
        language=current_language(),
    )


def about_of(answers: PracticeAnswers) -> About:
    """Who the first therapist is, until they write it themselves."""
    return About(
        name=answers.therapist_name,
        title={"en": "Couples therapist", "es": "Terapeuta de parejas"},
        approach={
            "en": "Attachment and trust repair for couples and individuals.",
            "es": "Apego y reparación de la confianza, para parejas y personas.",
        },
        email=answers.owner_email,
        join_link=answers.join_link,
        office=answers.address,
    )


def add_offerings(work: Work, currency: str) -> list[Offering]:
    """The offerings that a practice begins with."""
    rows = [
        # slug, attendance, place, minutes, price
        ("couple-50", "couple", "video", 50, 160_00),
        ("couple-80", "couple", "video", 80, 240_00),
        ("couple-90-in-person", "couple", "in_person", 90, 270_00),
        ("individual-50", "individual", "video", 50, 140_00),
        ("individual-50-in-person", "individual", "in_person", 50, 140_00),
    ]
    offerings = [
        Offering(
            slug=slug,
            name=_called(attendance, place, minutes),
            attendance=attendance,
            place=place,
            session_minutes=minutes,
            step_minutes=30,
            before_minutes=0,
            after_minutes=10,
            notice_hours=24,
            horizon_days=60,
            price_minor=price,
            currency=currency,
            late_cancel_hours=48,
            active=True,
        )
        for slug, attendance, place, minutes, price in rows
    ]
    work.session.add_all(offerings)
    work.session.flush()
    return offerings


def _called(attendance: str, place: str, minutes: int) -> Texts:
    """What an offering that a practice begins with is called."""
    who, where = CALLED[attendance], CALLED[place]
    return {
        "en": f"{who['en']} session, {minutes} minutes, {where['en']}",
        "es": f"Sesión {who['es']}, {minutes} minutos, {where['es']}",
    }


def _add_first_therapist(work: Work, answers: PracticeAnswers, offerings: list[Offering]) -> Therapist:
    therapist = Therapist(
        resource=Resource(kind="therapist"),
        slug=_slug(answers.therapist_name),
        **vars(about_of(answers)),
        zone=answers.zone,
        languages=["English"],
        licence_places=list(answers.licence_places),
        active=True,
        offerings=offerings,
        weekly_hours=[
            WeeklyHours(weekday=weekday, opens=opens, closes=closes)
            for weekday in WEEKDAYS
            for opens, closes in (MORNING, AFTERNOON)
        ],
    )
    work.session.add(therapist)
    work.session.flush()
    return therapist


def _slug(name: str) -> str:
    """A name for addresses; `any` is the address of whoever is free."""
    words = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    return words if words not in ("", ANYBODY) else f"therapist-{words}".strip("-")
