"""The practice that most tests happen in: two therapists in two zones, and the usual offerings."""

from __future__ import annotations

from datetime import time

from practice.booking.offers.models import Offering, Resource, Therapist, WeeklyHours
from practice.profile import ONLY, PracticeProfile
from practice.work import Work

PRACTICE = "Quiet Harbour"
THERAPISTS = (
    # slug, name, zone, licence places
    ("ada-lindqvist", "Ada Lindqvist", "America/New_York", ["US-NY"]),
    ("noor-haddad", "Noor Haddad", "America/Los_Angeles", ["US-CA", "US-NY"]),
)
WEEKDAYS = range(5)
DAY = (time(9), time(17))
IN_SPANISH = {"couple": "de pareja", "individual": "individual"}
OFFERINGS = (
    # slug, attendance, place, minutes, price in cents
    ("couple-50", "couple", "video", 50, 160_00),
    ("couple-90-in-person", "couple", "in_person", 90, 270_00),
    ("individual-50", "individual", "video", 50, 140_00),
)


def build(work: Work) -> None:
    """Ada Lindqvist in New York, with every offering; Noor Haddad in Los Angeles, by video. Weekdays from 9 to 5."""
    work.session.add(
        PracticeProfile(
            id=ONLY,
            name=PRACTICE,
            zone="America/New_York",
            currency="USD",
            email="office@practice.example",
            phone="+1 555 010 0100",
            address="1 Quay Street, Hudson, NY",
            help_region="US",
            desk_hours="mon-fri 09:00-17:00",
            desk_holidays="US",
            statement_name="APPOINTMENT",
        )
    )
    offerings = {slug: _offering(slug, *rest) for slug, *rest in OFFERINGS}
    work.session.add_all(offerings.values())
    ada, noor = THERAPISTS
    work.session.add(_therapist(*ada, list(offerings.values())))
    work.session.add(_therapist(*noor, [offerings["couple-50"], offerings["individual-50"]]))
    work.session.flush()


def _offering(slug: str, attendance: str, place: str, minutes: int, price: int) -> Offering:
    return Offering(
        slug=slug,
        name={
            "en": f"{attendance.capitalize()} session, {minutes} minutes",
            "es": f"Sesión {IN_SPANISH[attendance]}, {minutes} minutos",
        },
        attendance=attendance,
        place=place,
        session_minutes=minutes,
        step_minutes=30,
        before_minutes=0,
        after_minutes=10,
        notice_hours=24,
        horizon_days=60,
        price_minor=price,
        currency="USD",
        late_cancel_hours=48,
        late_waiver=False,  # stories about the waiver say so
        active=True,
    )


def _therapist(slug: str, name: str, zone: str, places: list[str], offerings: list[Offering]) -> Therapist:
    return Therapist(
        resource=Resource(kind="therapist"),
        slug=slug,
        name=name,
        title={"en": "Couples therapist", "es": "Terapeuta de parejas"},
        approach={"en": "Slowly, and with both of you.", "es": "Despacio, y con las dos personas."},
        zone=zone,
        languages=["English"],
        licence_places=places,
        email=f"{slug.partition('-')[0]}@practice.example",
        join_link=f"https://video.practice.example/{slug}",
        office="1 Quay Street, Hudson, NY",
        active=True,
        offerings=offerings,
        weekly_hours=[WeeklyHours(weekday=day, opens=DAY[0], closes=DAY[1]) for day in WEEKDAYS],
    )
