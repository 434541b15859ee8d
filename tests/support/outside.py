"""A therapist's own calendar outside, and what both sides say of it: a story's words over a real server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from practice.booking import actions as booking_actions
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.moving import move_as_staff
from practice.booking.offers.models import Therapist
from practice.booking.offers.queries import offer_by_ids
from practice.calendars.caldav import actions, servers
from practice.calendars.caldav.gateway import CaldavServers
from practice.calendars.caldav.models import AccountCalendar, CalendarAccount, CalendarQuestion
from practice.calendars.caldav.servers import CalendarServer, Login
from practice.database import db
from practice.work import Work, begin_work
from tests.support.radicale import PASSWORD, USER, Radicale
from tests.support.story import Held, Practice

ADA = "ada-lindqvist"
LOOK = 16  # minutes, after which a calendar was looked at again


class Outside:
    """Ada's calendars on a server of hers, and the practice that writes to one of them."""

    def __init__(self, practice: Practice, radicale: Radicale) -> None:
        self.practice = practice
        self.radicale = radicale
        self.work_path = radicale.make_calendar("work")
        self.other_path = radicale.make_calendar("other")

    def door(self, gateway: Any) -> None:
        """Have the practice reach servers through this."""
        self.practice.app.extensions[servers.EXTENSION] = gateway

    def do(self, act: Callable[[Work], Any]) -> Any:
        """One work of the practice's, and whatever follows from it."""
        with self.practice.app.app_context(), begin_work() as work:
            done = act(work)
        self.practice.work_until_idle()
        return done

    def connect(self, chosen: str | None = None, password: str = PASSWORD) -> None:
        """Ada connects her account and chooses a calendar to write to, by its path (the first by default)."""
        login = Login(self.radicale.url, USER, password)
        with self.practice.app.app_context():
            found = servers.calendar_servers().reach(login).discover()

        def act(work: Work) -> None:
            ada = work.session.scalars(select(Therapist).where(Therapist.slug == ADA)).one()
            actions.connect(work, ada, login, found)

        self.do(act)
        self.choose(chosen or self.work_path)

    def choose(self, path: str | None) -> None:
        """Ada chooses another calendar, or none."""

        def act(work: Work) -> None:
            calendars = work.session.scalars(select(AccountCalendar)).all()
            wanted = next((one for one in calendars if path is not None and one.href.endswith(path)), None)
            assert path is None or wanted is not None
            ada = work.session.scalars(select(Therapist).where(Therapist.slug == ADA)).one()
            actions.choose_written(work, ada.id, wanted)

        self.do(act)

    def with_account(self, act: Callable[[Work, CalendarAccount], Any]) -> Any:
        return self.do(lambda work: act(work, work.session.scalars(select(CalendarAccount)).one()))

    def check_now(self) -> None:
        self.practice.clock.advance(seconds=1)
        self.with_account(actions.check_now)

    def look(self) -> None:
        """Time passes until the calendar was looked at."""
        self.practice.clock.advance(minutes=LOOK)
        self.practice.work_until_idle()

    # Sessions

    def book(self, start: datetime, **options: Any) -> Held:
        held = self.practice.hold(start, **options)
        self.practice.confirm(held)
        self.practice.work_until_idle()
        return held

    def move(self, held: Held, start: datetime) -> None:
        with self.practice.app.app_context():
            booking = self.booking(held)
            offer = offer_by_ids(booking.therapist_id, booking.offering_id)
        assert offer is not None
        self.do(lambda work: move_as_staff(work, held.reference, offer, start))

    def cancel(self, held: Held) -> None:
        self.do(lambda work: booking_actions.cancel(work, booking_actions.lock(work, held.reference)))

    def booking(self, held: Held) -> Booking:
        return db.session.scalars(select(Booking).where(Booking.reference == held.reference)).one()

    # What each side says

    def there(self, path: str | None = None) -> dict[str, datetime]:
        """When each object of a calendar begins, by its UID. Two of one UID would be one too many."""
        found: dict[str, datetime] = {}
        for text in self.radicale.objects(path or self.work_path).values():
            assert text.count("BEGIN:VEVENT") == 1
            lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
            assert lines["UID"] not in found
            found[lines["UID"]] = datetime.strptime(lines["DTSTART"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return found

    def path_of(self, held: Held, path: str | None = None) -> str:
        """Where a session's object is."""
        with self.practice.app.app_context():
            uid = self.booking(held).uid
        objects = self.radicale.objects(path or self.work_path)
        return next(where for where, text in objects.items() if f"UID:{uid}" in text)

    def assert_converged(self, path: str | None = None) -> None:
        """I8, on both sides: the database keeps its promise, and the server has one object for each session."""
        assert [breach for breach in self.practice.breaches() if breach.startswith("I8")] == []
        assert [one for one in self.questions() if one.answered_at is None] == []
        with self.practice.app.app_context():
            standing = (
                select(Booking)
                .join(Booking.therapist)
                .where(
                    Therapist.slug == ADA, Booking.state == State.CONFIRMED, Booking.ends_at > self.practice.clock.now()
                )
            )
            wanted = {booking.uid: booking.starts_at for booking in db.session.scalars(standing)}
        assert self.there(path) == wanted

    def account(self) -> CalendarAccount:
        """Call inside an app context."""
        return db.session.scalars(select(CalendarAccount)).one()

    def state(self) -> str:
        with self.practice.app.app_context():
            return self.account().state

    def questions(self) -> list[CalendarQuestion]:
        """All that was ever asked, answered or not."""
        with self.practice.app.app_context():
            return list(db.session.scalars(select(CalendarQuestion).order_by(CalendarQuestion.id)))


class Dying:
    """A gateway over which a process dies: `after` so many words that write, once the server has heard them."""

    def __init__(self, after: int = 1) -> None:
        self._left = after

    def reach(self, login: Login) -> CalendarServer:
        real = CaldavServers().reach(login)
        dying = self

        class Mortal:
            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

            def put_new(self, *given: Any) -> str:
                return str(dying.die_after(real.put_new(*given)))

            def put_changed(self, *given: Any) -> str:
                return str(dying.die_after(real.put_changed(*given)))

            def delete(self, *given: Any) -> None:
                dying.die_after(real.delete(*given))

        return Mortal()  # type: ignore[return-value]

    def die_after(self, said: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            raise KeyboardInterrupt("the process is killed here")
        return said
