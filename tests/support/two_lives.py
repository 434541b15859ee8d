"""One couple, from the first question to the second short page: a story that is told again with one answer changed.

Robin answers, pays and asks Sasha along; Sasha joins and answers; a clinician reads both and clears, or doesn't; the
session takes place, and each fills in the short page twice. Each step is a method of its own, so that a story can be
kept at any of them and gone on with from there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from practice.booking import actions as booking_actions
from practice.booking.attendance import post_next_sweep
from practice.booking.lifecycle import Trigger
from practice.couples import find_couple
from practice.intake.models import Intake
from practice.people import Person
from practice.pulse import timing
from practice.work import begin_work
from tests.support import world
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.consents import with_documents
from tests.support.couples import JOIN_CODE, JOIN_LINK, come_along, invite_by_mail
from tests.support.intake import CODE, MORE, PARTNERS, answer, answer_more, own_changes, part
from tests.support.paying import Till
from tests.support.pulse import CALM, due
from tests.support.staff import desk
from tests.support.staging import Stage
from tests.support.story import Client
from tests.support.watching import Drawn, Watched, walk

ROBIN, SASHA = "robin", "sasha"
SESSION = MONDAY_NINE + timedelta(days=7)
FOR_THE_RECORDS = {"legal_name": "Robin Quill", "date_of_birth": "1988-04-01", "insurance_use": "no"}
THEIRS = {"code": "green lamp post", "email": "sasha@mail.example", "preferred_name": "Sasha"}
REMINDED = (timedelta(days=5), timedelta(days=3), timedelta(hours=48), timedelta(hours=24), timedelta(hours=3))
TICK = re.compile(r'<input[^>]*name="(\w+)"[^>]*type="checkbox"[^>]*value="(\d+)"')
PAGES = (
    "/", "/schedule", "/fees", "/you", "/you/request", "/you/agreed", "/you/contact", "/you/data", "/you/erasure",
    "/you/invite",
    "/you/pause", "/you/leave", "/how-it-goes", "/waiting-list", "/card", "/intake/agree", "/intake/times",
    "/intake/check", "/intake/support", "/intake/next", "/intake/places", "/intake/more", "/intake/more/check",
    "/intake/more/support", "/intake/more/next", "/intake/more/place",
    "/times/ada-lindqvist?offering=couple-50", "/times/ada-lindqvist.json?offering=couple-50",
    "/times/noor-haddad.json?offering=individual-50", "/times/any?offering=couple-50",
    "/times/ada-lindqvist.ics?offering=couple-50", "/times/ada-lindqvist.ics?offering=couple-50&format=freebusy",
)  # fmt: skip


@dataclass
class Tale:
    """What differs between two tellings. Every other answer is calm."""

    robin: Mapping[str, Any] = field(default_factory=dict)
    sasha: Mapping[str, Any] = field(default_factory=dict)
    pulses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by who answers
    clears: bool = True
    knows: str = "yes"
    by_mail: bool = True


@dataclass
class Lives:
    """The two of them on one stage, and who watches what reaches them."""

    stage: Stage
    tale: Tale
    drawn: Drawn
    who: dict[str, Watched] = field(default_factory=dict)
    clinician: Browser | None = None
    session: str = ""

    def begin(self) -> None:
        """The practice with its documents and a clinician; both sit down at a browser."""
        practice = self.stage.practice
        with practice.app.app_context(), begin_work() as work:
            world.build(work)
            post_next_sweep(work)
        with_documents(practice)
        self.clinician = desk(practice, "clinician")
        for who, email in ((ROBIN, "robin@mail.example"), (SASHA, THEIRS["email"])):
            self.who[who] = Watched(self.stage, practice.browser(), email, self.drawn)
            self.who[who].watch(self.who[who].browser)

    def books(self) -> None:
        """Robin answers what is asked before booking, takes a time and pays."""
        robin = self.who[ROBIN].browser
        for number in range(1, 8):
            agree_on_the_way(robin, part(number))
            assert answer(robin, number, **own_changes(number, dict(self.tale.robin))).status_code == 302
        assert robin.submit("/intake/check").status_code == 302
        times = robin.get(f"/times/ada-lindqvist?offering=couple-50&from={SESSION.date()}")
        held = robin.send_form(times, {"start": SESSION.isoformat()}, form="/bookings")
        assert held.status_code == 302, held.text
        self.session = held.location.rsplit("/", 1)[1]
        agree_on_the_way(robin, f"{held.location}/pay")
        checkout = robin.submit(f"{held.location}/pay", FOR_THE_RECORDS, form="/pay")
        assert checkout.status_code == 303, checkout.text
        self.who[ROBIN].note("asked of the payment service", "\n".join(map(str, self.stage.payments._keys.values())))
        till = Till(self.stage.practice, self.stage.payments)
        assert self.stage.payments.pay(checkout.location.rsplit("/", 1)[1])
        till.deliver()
        assert robin.get(f"{held.location}/paid").status_code == 302
        self.pass_time("booked")

    def asks_along(self) -> None:
        """Robin says whether Sasha knows, and has an invitation made."""
        robin = self.who[ROBIN].browser
        if self.tale.by_mail:
            invite_by_mail(robin, THEIRS["email"])
            return
        page = robin.submit("/you/invite", {"partner_knows": self.tale.knows})
        made = JOIN_CODE.findall(robin.send_form(page, {}, form="/invite/code").text)[0]
        self.drawn[made] = "invitation code"

    def comes_along(self) -> None:
        """Sasha follows the invitation and joins."""
        self.stage.practice.work_until_idle()
        sasha = self.who[SASHA].browser
        if self.tale.by_mail:
            way = JOIN_LINK.findall(self.stage.mailer.last_to(THEIRS["email"]).text)[0]
        else:
            [made] = [text for text, kind in self.drawn.items() if kind == "invitation code"]
            way = sasha.submit("/join", {"code": made}).location.rsplit("/", 1)[1]
        assert sasha.get(f"/join/{way}").status_code == 200
        own = own_changes(2, dict(self.tale.sasha))
        joined = come_along(sasha, way, **{**own, "email": THEIRS["email"], "preferred_name": "Sasha"})
        assert joined.status_code == 302, joined.text
        self.pass_time("joined")

    def sasha_answers(self) -> None:
        """Everything that somebody who was invited is asked."""
        answer_all(self.who[SASHA].browser, {**PARTNERS, **THEIRS, "code_again": THEIRS["code"], **self.tale.sasha})
        self.pass_time("Sasha answered")

    def robin_answers(self) -> None:
        """What is asked before the session."""
        answer_all(self.who[ROBIN].browser, {**MORE, **self.tale.robin})
        self.pass_time("Robin answered")

    def is_read(self) -> None:
        """A clinician opens both requests, with what each said alone, and clears joint time, or leaves it."""
        assert self.clinician is not None
        practice = self.stage.practice
        with practice.app.app_context(), begin_work() as work:
            requests = list(work.session.scalars(select(Intake.reference).order_by(Intake.id)))
            couple = find_couple(work.session.scalars(select(Person.id).order_by(Person.id).limit(1)).one())
            assert couple is not None
            page = f"/staff/couples/{couple.reference}"
        for request in requests:
            for path in ("", "/just-for-you", "/pulse"):
                self.clinician.get(f"/staff/intakes/{request}{path}")
        if self.tale.clears:
            cleared = self.clinician.submit(page, {"reason": "Both are at ease."}, form="/clear")
            assert cleared.status_code == 302, cleared.text
        self.pass_time("read")

    def is_reminded(self) -> None:
        """The days before the session, and whatever is due on each."""
        for before in REMINDED:
            self.stage.practice.clock.set(SESSION - before)
            self.pass_time(f"{before} before")
        self.come_back()

    def takes_place(self) -> None:
        """The session is over, and marked as such."""
        practice = self.stage.practice
        practice.clock.set(SESSION + timedelta(hours=2))
        with practice.app.app_context(), begin_work() as work:
            booking_actions.mark(work, booking_actions.lock(work, self.session), Trigger.COMPLETE)
        self.pass_time("over")
        practice.clock.advance(hours=20)
        self.pass_time("the night after")

    def fills_in(self, number: int) -> None:
        """Both answer the short page, for the first or the second time."""
        practice = self.stage.practice
        day = (SESSION + timedelta(days=7)).date() + timing.EVERY * number
        practice.clock.set(due(practice, self.client(ROBIN), day) + timedelta(minutes=5))
        self.pass_time(f"page {number}")
        self.come_back()
        for who in (SASHA, ROBIN):
            said = {**CALM, **self.tale.pulses.get(who, {})}
            sent = self.who[who].browser.submit("/how-it-goes", said, form="/how-it-goes")
            assert sent.status_code == 302, sent.text
            if self.clinician is not None:
                self.clinician.get("/staff/calls")
        self.pass_time(f"page {number} answered")

    # What they do between the steps

    def pass_time(self, moment: str) -> None:
        """The worker does what is due, and both read their letters."""
        self.stage.practice.work_until_idle()
        for watched in self.who.values():
            watched.moment = moment
            watched.read_letters()

    def come_back(self) -> None:
        """Both are at home in their browsers again: a visit doesn't last for days."""
        for who, watched in self.who.items():
            watched.watch(self.stage.practice.browser(self.client(who)))

    def looks(self, who: str) -> int:
        """One of them opens every page that there is for them; how many."""
        return walk(self.who[who], PAGES)

    def takes_data(self, who: str) -> None:
        """One of them takes along what is kept of them, as a page and as a file."""
        code = CODE if who == ROBIN else THEIRS["code"]
        for kind in ("page", "json"):
            taken = self.who[who].browser.submit("/you/data", {"code": code, "kind": kind}, form="/you/data")
            assert taken.status_code == 200, taken.text

    def client(self, who: str) -> Client:
        """One of them: Robin came first."""
        practice = self.stage.practice
        with practice.app.app_context(), begin_work() as work:
            people = list(work.session.scalars(select(Person).order_by(Person.id)))
            person = people[0 if who == ROBIN else 1]
            return Client(person.id, person.reference, who, self.who[who].email)


def answer_all(browser: Browser, said: Mapping[str, Any]) -> None:
    """Answer whatever is open, and send it at the end."""
    walked: set[str] = set()
    where = "/intake/more"
    while where != "/intake/more/check":
        where = agree_on_the_way(browser, browser.get("/intake/more").location)
        assert where not in walked, f"{where} asks again"
        walked.add(where)
        if where != "/intake/more/check":
            assert answer_more(browser, where, dict(said)).status_code == 302, where
    assert browser.submit(where).location == "/you"


def agree_on_the_way(browser: Browser, path: str) -> str:
    """Open a page; where it asks to agree first, agree to all of it. The same path."""
    page = browser.get(path)
    if page.status_code == 302 and page.location.startswith("/intake/agree"):
        asked = browser.get(page.location)
        assert browser.send_form(asked, dict(TICK.findall(asked.text))).status_code == 302
    return path
