"""The demo's practice: fictional, and the same in every demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from flask_security import hash_password

from practice.booking.offers.models import DayOverride, Offering, Resource, Room, Therapist, TimeOff, WeeklyHours
from practice.booking.prices.models import ScaleStep
from practice.consents.actions import install
from practice.first_run import add_offerings
from practice.own_words import Texts
from practice.papers import actions as papers
from practice.profile import ONLY, PracticeProfile
from practice.staff.actions import create_account
from practice.staff.duty import actions as duty
from practice.staff.models import CLINICIAN
from practice.staff.queries import find_with_roles
from practice.work import Work

PASSWORD = "lantern-house-demo"  # noqa: S105 - printed at the start of every demo; production has no demo data
NPIS = ("1888888884", "1234567893", "1245319599", "1399999998")  # the practice's and the therapists'; all made up
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
    title: Texts
    zone: str
    languages: tuple[str, ...]
    places: tuple[str, ...]
    office: str
    approach: Texts
    hours: dict[int, tuple[tuple[time, time], ...]]
    offerings: tuple[str, ...]
    rooms: tuple[str, ...] = ()
    holidays: str | None = None
    packs: bool = False


SCALE = (("Reduced", 80_00), ("Between jobs", 60_00))  # hundredths of a percent of the price
ROOMS = (
    # slug, name, seats for clients
    ("quince", "Quince room, first floor", 2),
    ("pear", "Pear room, garden side", 3),
)
MORNINGS = ((time(9), time(12)),)
LONG_DAY = ((time(9), time(12)), (time(13), time(17, 30)))
EVENING = ((time(14), time(20)),)

PORTRAITS = (
    Portrait(
        slug="mara-okafor",
        name="Mara Okafor",
        title={
            "en": "Licensed marriage and family therapist",
            "es": "Terapeuta matrimonial y familiar con licencia",
        },
        zone="America/New_York",
        languages=("English", "French"),
        places=("US-NY", "US-NJ", "US-CT"),
        office="Lantern House, 18 Quince Street, Hudson, NY",
        approach={
            "en": "I work slowly with what happened, and with what each of you does when it hurts. Most couples who "
            "come to me don’t need to be taught to talk; they need it to be safe enough to mean it.",
            "es": "Trabajo despacio con lo que ocurrió y con lo que hace cada persona cuando algo duele. La mayoría de "
            "las parejas que vienen a verme no necesitan aprender a hablar; necesitan sentirse a salvo para "
            "decirlo de verdad.",
        },
        hours={0: LONG_DAY, 1: LONG_DAY, 2: MORNINGS, 3: LONG_DAY},
        offerings=(
            "couple-50",
            "couple-80",
            "couple-90-in-person",
            "individual-50",
            "individual-50-in-person",
            "call-20",
        ),
        rooms=("quince", "pear"),
        holidays="US-NY",
    ),
    Portrait(
        slug="elias-winter",
        name="Elias Winter",
        title={"en": "Psychologist, couples and individuals", "es": "Psicólogo, parejas y personas"},
        zone="America/New_York",
        languages=("English", "German"),
        places=("US-NY", "US-MA", "US-VT"),
        office="Lantern House, 18 Quince Street, Hudson, NY",
        approach={
            "en": "Broken trust has a history and a Tuesday evening. We look at both: the old injuries that make today "
            "so loud, and the small promise that could be kept this week.",
            "es": "La confianza rota tiene una historia, y también un martes por la noche. Miramos ambas cosas: las "
            "heridas antiguas por las que hoy todo suena tan fuerte, y la pequeña promesa que se podría cumplir "
            "esta semana.",
        },
        hours={1: EVENING, 2: EVENING, 3: EVENING, 4: LONG_DAY},
        offerings=("couple-50", "couple-80", "individual-50", "individual-50-in-person", "call-20"),
        rooms=("quince", "pear"),
        holidays="US-NY",
        packs=True,
    ),
    Portrait(
        slug="june-castellanos",
        name="June Castellanos",
        title={
            "en": "Clinical social worker, attachment-based couples therapy",
            "es": "Trabajadora social clínica, terapia de pareja basada en el apego",
        },
        zone="America/Los_Angeles",
        languages=("English", "Spanish"),
        places=("US-CA", "US-OR", "US-WA"),
        office="By video",
        approach={
            "en": "An apology is the beginning of a repair, never the end of one. I help two people find out what has "
            "to change, and stay close while it does.",
            "es": "Una disculpa es el comienzo de una reparación, nunca el final. Ayudo a dos personas a descubrir qué "
            "tiene que cambiar, y a seguir cerca mientras cambia.",
        },
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
            desk_hours="mon-fri 09:00-18:00",
            desk_holidays="US-NY",
            statement_name="LANTERN HOUSE",
            late_fee_minor=90_00,
            missed_fee_minor=150_00,
        )
    )
    install(work, "command")
    offerings = {offering.slug: offering for offering in add_offerings(work, "USD")}
    offerings["call-20"] = _short_call(work)
    work.session.add_all(ScaleStep(name=name, basis_points=points) for name, points in SCALE)
    rooms = {slug: _room(slug, name, seats) for slug, name, seats in ROOMS}
    therapists = {portrait.slug: _therapist(work, portrait, offerings, rooms) for portrait in PORTRAITS}
    _register(work, therapists, offerings)
    known = hash_password(PASSWORD)  # in the work of a database that nobody else knows yet
    for email, roles, slug in ACCOUNTS:
        whose = therapists[slug] if slug else None
        create_account(work, email=email, password_hash=known, roles=roles, therapist=whose)
    mara, elias = (one.id for one in find_with_roles(CLINICIAN) if one.therapist_id is not None)
    duty.save_week(work, "command", {0: mara, 1: mara, 2: mara, 3: elias, 4: elias})


def _register(work: Work, therapists: dict[str, Therapist], offerings: dict[str, Offering]) -> None:
    """Made-up numbers for documents, shaped like real ones; estimates are written before payment."""
    papers.set_practice(work, "command", tin="12-3456789", npi=NPIS[0])
    papers.switch_estimates(work, "command", on=True)
    for therapist, npi in zip(therapists.values(), NPIS[1:], strict=True):
        papers.set_therapist(work, "command", therapist, npi=npi, licence="Made-up licence 001234", credentials="")
    for offering in offerings.values():
        if offering.price_minor:
            code = "90847" if offering.attendance == "couple" else "90834"
            papers.set_service_code(work, "command", offering, code)


def _short_call(work: Work) -> Offering:
    """A first call, without charge, which clients book by themselves."""
    call = Offering(
        slug="call-20",
        name={"en": "First call, 20 minutes, by video", "es": "Primera llamada, 20 minutos, por video"},
        attendance="individual",
        place="video",
        visit="first",
        session_minutes=20,
        step_minutes=10,
        before_minutes=0,
        after_minutes=10,
        notice_hours=2,
        horizon_days=30,
        daily_cap=3,
        price_minor=0,
        currency="USD",
        late_cancel_hours=0,
    )
    work.session.add(call)
    return call


def _room(slug: str, name: str, seats: int) -> Room:
    address = "Lantern House, 18 Quince Street, Hudson, NY"
    return Room(resource=Resource(kind="room"), slug=slug, name=name, address=address, seats=seats, active=True)


def _therapist(work: Work, portrait: Portrait, offerings: dict[str, Offering], rooms: dict[str, Room]) -> Therapist:
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
        rooms=[rooms[slug] for slug in portrait.rooms],
        holiday_region=portrait.holidays,
        packs=portrait.packs,
        time_off=[
            TimeOff(first_day=work.now.date() + timedelta(days=24), last_day=work.now.date() + timedelta(days=26))
        ],
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
