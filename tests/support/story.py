"""The practice as a story tells it: hold a time, let the clock run, see what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from practice import wiring, worker
from practice.booking import actions as booking_actions
from practice.booking.eligibility import Grant, grant_eligibility
from practice.booking.holding import hold_slot
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.offers.queries import get_offer
from practice.database import db
from practice.invariants import check_all
from practice.people import SESSION_KEY, ClientSession, Contact, Person, add_person, save_contact
from practice.tokens import new_token, token_hash
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.clock import FrozenClock

SESSION_LIFE = timedelta(days=400)  # stories run on for weeks; the real life of a session has tests of its own
NAMES = ("Robin", "Kim", "Sasha", "Toni", "Alex", "Jo", "Sam", "Lee")


@dataclass(frozen=True)
class Client:
    """Somebody who may book. Compare by reference; `email` is where their letters go."""

    person_id: int
    reference: str
    name: str
    email: str


@dataclass(frozen=True)
class Held:
    """A booking that a client made in a story."""

    reference: str
    payer: Client


class Practice:
    """Everything that a story needs of one running practice. Every method runs in an app context of its own."""

    def __init__(self, app: Flask, clock: FrozenClock) -> None:
        self.app = app
        self.clock = clock
        self._clients = 0

    # People

    def new_client(self, *, region: str = "US-NY", calendar_by_mail: bool = True) -> Client:
        """A client whose intake is done: they may book anything, anywhere in `region`."""
        self._clients += 1
        name = NAMES[self._clients % len(NAMES)]
        email = f"client-{self._clients}@mail.example"
        with self.app.app_context(), begin_work() as work:
            person = add_person(work, "America/New_York")
            save_contact(person, Contact(first_name=name, email=email, calendar_by_mail=calendar_by_mail))
            grant_eligibility(work, person, Grant(("couple", "individual"), ("video", "in_person"), region))
            return Client(person.id, person.reference, name, email)

    def browser(self, client: Client | None = None) -> Browser:
        """A browser at the practice's address: a stranger's, or one in which `client` is at home."""
        browser = self.app.test_client()
        assert isinstance(browser, Browser)
        if client is not None:
            token = new_token()
            with self.app.app_context(), begin_work() as work:
                work.session.add(
                    ClientSession(
                        token_hash=token_hash(token),
                        person_id=client.person_id,
                        expires_at=work.now + SESSION_LIFE,
                    )
                )
            with browser.session_transaction(base_url=browser.home) as session:
                session[SESSION_KEY] = token
        return browser

    # Bookings

    def hold(
        self,
        start: datetime,
        client: Client | None = None,
        *,
        therapist: str = "ada-lindqvist",
        offering: str = "couple-50",
    ) -> Held:
        """Hold a time for a client (a new one when none is named).

        :raises SlotTaken: as the action does.
        """
        client = client or self.new_client()
        with self.app.app_context():
            offer = get_offer(therapist, offering)
            with begin_work() as work:
                return Held(hold_slot(work, client.person_id, offer, start), client)

    def confirm(self, held: Held) -> None:
        """Confirm without money changing hands; stories about money use `pay`."""
        with self.app.app_context(), begin_work() as work:
            booking_actions.confirm(work, booking_actions.lock(work, held.reference))

    def state_of(self, held: Held) -> State:
        """What became of it, as the database has it now."""
        with self.app.app_context():
            return db.session.scalars(select(Booking.state).where(Booking.reference == held.reference)).one()

    # Time and work

    def work_until_idle(self) -> int:
        """Let the worker deliver everything that is due; the number of deliveries."""
        return worker.run_until_idle(self.app)

    def breaches(self) -> list[str]:
        """Every promise of the product that is broken now; empty when all is well."""
        with self.app.app_context():
            findings = check_all(wiring.INVARIANTS)
        return [f"{found.invariant.number}: {breach}" for found in findings for breach in found.breaches]

    def person(self, client: Client) -> Person:
        """The client's row; call inside an app context."""
        return db.session.get_one(Person, client.person_id)
