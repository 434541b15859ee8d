"""What there is of therapists' own calendars on servers, and what is to be asked of them. Only reads."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.calendars.appointments import for_therapist
from practice.calendars.caldav.models import AccountCalendar, CalendarAccount, CalendarQuestion, PushedSession
from practice.calendars.caldav.servers import Login, SignInAgain
from practice.calendars.ics import Appointment
from practice.clock import clock
from practice.database import db
from practice.errors import NotFound
from practice.sealing import CannotOpen, vault
from practice.settings import settings
from practice.speaking import language_of_therapist


def list_accounts(therapist_id: int) -> list[CalendarAccount]:
    """A therapist's connections, oldest first."""
    found = select(CalendarAccount).where(CalendarAccount.therapist_id == therapist_id)
    return list(db.session.scalars(found.order_by(CalendarAccount.id)))


def get_account(reference: str, therapist_id: int) -> CalendarAccount:
    """A therapist's own connection.

    :raises NotFound: when there is none, or it is somebody else's: the two look alike.
    """
    mine = select(CalendarAccount).where(CalendarAccount.therapist_id == therapist_id)
    found = db.session.scalars(mine.where(CalendarAccount.reference == reference)).one_or_none()
    if found is None:
        raise NotFound
    return found


def find_account(reference: str) -> CalendarAccount | None:
    """A connection by its reference."""
    return db.session.scalars(select(CalendarAccount).where(CalendarAccount.reference == reference)).one_or_none()


def find_same_account(session: Session, therapist_id: int, login: Login) -> CalendarAccount | None:
    """A therapist's connection with the same server as the same user, locked."""
    same = select(CalendarAccount).where(
        CalendarAccount.therapist_id == therapist_id,
        CalendarAccount.url == login.url,
        CalendarAccount.user_name == login.user_name,
    )
    return session.scalars(same.with_for_update(of=CalendarAccount)).one_or_none()


def find_written(session: Session, therapist_id: int) -> AccountCalendar | None:
    """The calendar to which a therapist's sessions are written."""
    chosen = select(AccountCalendar).where(AccountCalendar.therapist_id == therapist_id, AccountCalendar.written)
    return session.scalars(chosen).one_or_none()


def list_not_ours(account_id: int) -> list[PushedSession]:
    """Sessions of which a connection's calendar has an entry that we didn't write, in order of time."""
    found = (
        select(PushedSession)
        .join(PushedSession.calendar)
        .join(PushedSession.booking)
        .where(AccountCalendar.account_id == account_id, PushedSession.not_ours_since.is_not(None))
        .options(joinedload(PushedSession.booking))
    )
    return list(db.session.scalars(found.order_by(Booking.starts_at)))


def list_open_questions(therapist_ids: Collection[int]) -> list[CalendarQuestion]:
    """What was moved or deleted in these therapists' own calendars, and nobody answered, in order of time.

    Of a session that is over nothing is asked any more.
    """
    found = (
        select(CalendarQuestion)
        .join(CalendarQuestion.booking)
        .where(
            CalendarQuestion.answered_at.is_(None),
            Booking.ends_at > clock().now(),
            Booking.therapist_id.in_(therapist_ids),
            Booking.state == State.CONFIRMED,
        )
        .options(joinedload(CalendarQuestion.booking))
    )
    return list(db.session.scalars(found.order_by(Booking.starts_at, CalendarQuestion.id)))


def find_question(reference: str) -> CalendarQuestion | None:
    """A question by its reference, answered or not."""
    return db.session.scalars(select(CalendarQuestion).where(CalendarQuestion.reference == reference)).one_or_none()


def login_of(account: CalendarAccount) -> Login:
    """How its server is reached.

    :raises SignInAgain: when the key of its password is gone, so that only a new one helps.
    """
    place = {"table": "calendar_account", "row": account.reference, "column": "password"}
    try:
        password = vault().open(account.reference, account.password_sealed, **place)
    except CannotOpen:
        raise SignInAgain("the key is gone") from None
    return Login(account.url, account.user_name, password)


def appointment_of(booking: Booking) -> Appointment:
    """What a session's therapist reads of it in their own calendar, in their language.

    :raises LookupError: for a booking that never stood.
    """
    return for_therapist(booking, settings().base_url, language_of_therapist(booking.therapist_id))
