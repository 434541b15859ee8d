"""The demo's practice: fictional, and the same in every demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from practice.booking.offers.models import DayOverride, Offering, Resource, Therapist, WeeklyHours
from practice.first_run import add_offerings
from practice.profile import ONLY, PracticeProfile
from practice.staff.actions import create_account
from practice.work import Work

PASSWORD = "lantern-house-demo"  # noqa: S105 - printed at the start of every demo; production has no demo data
ACCOUNTS = (
    # e-mail, roles, therapist
    ("owner@lantern.example", ("owner", "clinician"), None),
    ("desk@lantern.example", ("coordinator",), None),
    ("mara@lantern.example", ("clinician", "therapist"), "mara-okafor"),
    ("elias@lantern.example", ("clinician", "therapist"), "elias-winter"),
    ("june@lantern.example", ("therapist",), "june-castellanos"),
)


@dataclass(frozen=True)
class Portrait:
    """One of the demo's therapists."""

    slug: str
    name: str
    title: str
    zone: str
    languages: tuple[str, ...]
    places: tuple[str, ...]
    office: str
    approach: str
    hours: dict[int, tuple[tuple[time, time], ...]]
    offerings: tuple[str, ...]


MORNINGS = ((time(9), time(12)),)
LONG_DAY = ((time(9), time(12)), (time(13), time(17, 30)))
EVENING = ((time(14), time(20)),)

PORTRAITS = (
    Portrait(
        slug="mara-okafor",
        name="Mara Okafor",
        title="Licensed marriage and family therapist",
        zone="America/New_York",
        languages=("English", "French"),
        places=("US-NY", "US-NJ", "US-CT"),
        office="Lantern House, 18 Quince Street, Hudson, NY",
        approach=(
            "I work slowly with what happened, and with what each of you does when it hurts. Most couples who come to "
            "me don’t need to be taught to talk; they need it to be safe enough to mean it."
        ),
        hours={0: LONG_DAY, 1: LONG_DAY, 2: MORNINGS, 3: LONG_DAY},
        offerings=("couple-50", "couple-80", "couple-90-in-person", "individual-50", "individual-50-in-person"),
    ),
    Portrait(
        slug="elias-winter",
        name="Elias Winter",
        title="Psychologist, couples and individuals",
        zone="America/New_York",
        languages=("English", "German"),
        places=("US-NY", "US-MA", "US-VT"),
        office="Lantern House, 18 Quince Street, Hudson, NY",
        approach=(
            "Broken trust has a history and a Tuesday evening. We look at both: the old injuries that make today so "
            "loud, and the small promise that could be kept this week."
        ),
        hours={1: EVENING, 2: EVENING, 3: EVENING, 4: LONG_DAY},
        offerings=("couple-50", "couple-80", "individual-50", "individual-50-in-person"),
    ),
    Portrait(
        slug="june-castellanos",
        name="June Castellanos",
        title="Clinical social worker, attachment-based couples therapy",
        zone="America/Los_Angeles",
        languages=("English", "Spanish"),
        places=("US-CA", "US-OR", "US-WA"),
        office="By video",
        approach=(
            "An apology is the beginning of a repair, never the end of one. I help two people find out what has to "
            "change, and stay close while it does."
        ),
        hours={0: LONG_DAY, 2: LONG_DAY, 4: MORNINGS, 5: MORNINGS},
        offerings=("couple-50", "couple-80", "individual-50"),
    ),
)


def build(work: Work) -> None:
    """The practice, its offerings, therapists and accounts."""
    work.session.add(
        PracticeProfile(
            id=ONLY,
            name="Lantern House",
            zone="America/New_York",
            currency="USD",
            email="office@lantern.example",
            phone="+1 518 555 0142",
            address="18 Quince Street, Hudson, NY",
            help_region="US",
            desk_hours="weekdays, 9 am to 6 pm",
            statement_name="LANTERN HOUSE",
        )
    )
    offerings = {offering.slug: offering for offering in add_offerings(work, "USD")}
    therapists = {portrait.slug: _therapist(work, portrait, offerings) for portrait in PORTRAITS}
    for email, roles, slug in ACCOUNTS:
        create_account(work, email=email, password=PASSWORD, roles=roles, therapist=therapists[slug] if slug else None)


def _therapist(work: Work, portrait: Portrait, offerings: dict[str, Offering]) -> Therapist:
    therapist = Therapist(
        resource=Resource(kind="therapist"),
        slug=portrait.slug,
        name=portrait.name,
        title=portrait.title,
        approach=portrait.approach,
        zone=portrait.zone,
        languages=list(portrait.languages),
        licence_places=list(portrait.places),
        email=portrait.slug.split("-")[0] + "@lantern.example",
        join_link=f"https://video.lantern.example/{portrait.slug}",
        office=portrait.office,
        active=True,
        offerings=[offerings[slug] for slug in portrait.offerings],
        weekly_hours=[
            WeeklyHours(weekday=weekday, opens=opens, closes=closes)
            for weekday, windows in portrait.hours.items()
            for opens, closes in windows
        ],
        day_overrides=_overrides(work.now.date()),
    )
    work.session.add(therapist)
    work.session.flush()
    return therapist


def _overrides(today: date) -> list[DayOverride]:
    """A closed day, and a day with an extra evening, so that overrides can be seen at work."""
    return [
        DayOverride(day=today + timedelta(days=16), kind="closed", opens=None, closes=None),
        DayOverride(day=today + timedelta(days=12), kind="other", opens=time(16), closes=time(20)),
    ]
