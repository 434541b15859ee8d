"""The timeline of a couple and of one person: what stands there, who reads it, and who of the two may know it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import event, update

from practice.clearing.queries import get_couple
from practice.database import db
from practice.intake.models import Intake
from practice.partners.actions import share_progress
from practice.review import asking
from practice.review.timeline import Wanted, read_glance, read_timeline_of_couple, read_timeline_of_person
from practice.review.timeline_kinds import KINDS, Group
from practice.staff.models import StaffAccount
from practice.staff.queries import find_account
from tests.support.answering_couples import Two, intake_of, may_book, two
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.consents import accept, with_documents
from tests.support.couples import leave, pause, resume
from tests.support.fake_payments import FakePayments
from tests.support.notes import grown_note
from tests.support.offers import ADA, ALONE, confirmed, work_in
from tests.support.paying import Till
from tests.support.staff import desk, hire, sign_in
from tests.support.story import Practice
from tests.support.whole_couples import whole_couple

ROW = re.compile(r"<b>([^<]+)</b>: ([^<]+).*?class=\"tag[^\"]*\">([^<]+)<", re.DOTALL)
ZONE = "America/New_York"


@dataclass
class Read:
    """A page, and its timeline: about whom, what, who may know."""

    text: str
    entries: list[tuple[str, str, str]]


def look(browser: Browser, path: str) -> Read:
    answer = browser.get(path)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    section = answer.text.partition('id="timeline"')[2]
    return Read(answer.text, [(a, b.strip(), c) for a, b, c in ROW.findall(section)])


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def couple(practice: Practice) -> Two:
    return two(practice, {}, {})


def page_of(couple: Two) -> str:
    return f"/staff/couples/{couple.reference}"


def account(email: str) -> StaffAccount:
    found = find_account(email)
    assert found is not None
    return found


def test_each_thing_that_happened_stands_there_with_who_may_know_it(practice: Practice, couple: Two) -> None:
    with_documents(practice)
    accept(practice, couple.other)
    held = confirmed(practice, MONDAY_NINE, couple.one, therapist=ADA)
    confirmed(practice, MONDAY_TEN, couple.one, therapist=ADA, offering=ALONE)
    practice.clock.advance(minutes=1)
    pause(practice, couple.other, "Canarywhy")
    practice.clock.advance(minutes=1)
    resume(practice, couple.other)
    hire(practice, "clinician", email="note@practice.example")
    with work_in(practice) as work:
        grown_note(
            work, account("note@practice.example"), practice.person(couple.one), ("A", "Canarynote", "Canaryadded")
        )
    practice.work_until_idle()

    page = look(desk(practice, "clinician"), page_of(couple))

    said = {(about, what.partition(":")[0]): known for about, what, known in page.entries}
    assert said["Robin", "Sent their request"] == "Known to Robin"
    assert said["Kim", "Sent their answers, as the invited partner"] == "Known to Kim"
    assert said["Both", "The two came together"] == "Known to both"
    assert said["Kim", "Paused joint sessions"] == said["Kim", "Ended their pause"] == "Known to Kim"
    assert said["Kim", "Agreed"] == "Known to Kim"
    assert said["Both", "Session booked"] == "Known to both"
    assert said["Robin", "Session booked"] == "Known to Robin"  # alone
    assert said["Robin", "Took a time"] == "Known to Robin"
    assert said["Robin", "Note signed"] == said["Robin", "Addendum signed"] == "Staff only"
    letters = {(about, what) for about, what, _ in page.entries if what.startswith("Letter")}
    assert {("Robin", "Letter: booked"), ("Kim", "Letter: booked")} <= letters
    assert "Canary" not in page.text
    order = [what for _, what, _ in page.entries]  # the newest first
    expected = ("Addendum signed", "Ended their pause", "Paused joint sessions", "The two came together")
    assert sorted(map(order.index, expected)) == [order.index(one) for one in expected]
    assert held.reference not in page.text.partition('id="timeline"')[2]


def test_it_is_narrowed_by_kind_and_by_person_and_nonsense_shows_everything(practice: Practice, couple: Two) -> None:
    clinician = desk(practice, "clinician")
    everything = look(clinician, page_of(couple)).entries
    mine = look(clinician, f"{page_of(couple)}?who=1").entries
    assert {about for about, _, _ in mine} == {"Robin", "Both"}
    requests = look(clinician, f"{page_of(couple)}?kind=requests&who=2").entries
    assert {KINDS["answers_sent"].words} == {what for _, what, _ in requests}
    assert {about for about, _, _ in requests} == {"Kim"}
    for nonsense in ("kind=' OR 1=1", "who=3", "page=-1", "page=99999999", "kind[]=x", "page=²"):
        assert look(clinician, f"{page_of(couple)}?{nonsense}").entries == everything


def test_money_is_for_those_who_see_money_and_what_is_clinical_for_clinicians(practice: Practice, till: Till) -> None:
    whole = whole_couple(practice, till)
    reference = intake_of(practice, whole.booker)
    path = f"/staff/intakes/{reference}?kind="
    clinician, coordinator = desk(practice, "clinician"), desk(practice, "coordinator")
    owner = desk(practice, "owner")
    with work_in(practice) as work:
        clinicians = account("clinician-desk@practice.example").actor
        work.session.execute(update(Intake).where(Intake.reference == reference).values(owner=clinicians))
    for group, sees in (
        ("money", (False, True, True)),
        ("notes", (True, False, True)),
        ("clearing", (True, False, True)),
    ):
        for browser, may in zip((clinician, coordinator, owner), sees, strict=True):
            page = look(browser, path + group)
            assert bool(page.entries) is may, group
            assert (f'value="{group}"' in page.text) is may
    for group in ("requests", "together", "sessions", "letters", "consents"):
        assert look(coordinator, path + group).entries, group
    everything = look(coordinator, path)
    clinical = {kind.words for kind in KINDS.values() if kind.needs == "clinical"}
    assert not [what for _, what, _ in everything.entries if what.partition(":")[0] in clinical]
    paid = {what.partition(":")[0]: known for _, what, known in look(owner, path + "money").entries}
    assert set(paid.values()) == {"Known to Alex"}


def test_whoever_sees_one_of_the_two_reads_that_ones_alone(practice: Practice, couple: Two) -> None:
    hire(practice, "clinician", email="note@practice.example")
    with work_in(practice) as work:
        both = get_couple(couple.reference)
        grown_note(work, account("note@practice.example"), both, ("A", "B", "C"))
        grown_note(work, account("note@practice.example"), practice.person(couple.other), ("A", "B", "C"))
    confirmed(practice, MONDAY_NINE, couple.one, therapist=ADA, offering=ALONE)
    ada = sign_in(practice, hire(practice, "therapist", email="ada@practice.example", therapist=ADA))
    page = look(ada, f"/staff/intakes/{intake_of(practice, couple.one)}")
    assert {about for about, _, _ in page.entries} == {"Robin", "Both"}
    assert not [what for _, what, _ in page.entries if what.startswith(("Note", "Addendum"))]


def test_a_glance_says_what_their_own_pages_say_and_never_more(practice: Practice, couple: Two) -> None:
    clinician = desk(practice, "clinician")
    said = words(look(clinician, page_of(couple)).text)
    assert (
        "Robin may know That Kim comes with them. Whether Kim has answered: isn’t shown, since not both allow it."
        in said
    )
    for client in (couple.one, couple.other):
        with work_in(practice) as work:
            share_progress(work, practice.person(client))
    pause(practice, couple.other, "Canarywhy")
    said = words(look(clinician, page_of(couple)).text)
    assert "Whether Kim has answered: “done”." in said
    assert "Robin may know That Kim comes with them. Whether Kim has answered: “done”. “Joint sessions rest" in said
    assert "Not who paused, nor why." in said
    assert "That they themselves paused." in said
    leave(practice, couple.one)
    with practice.app.app_context():
        assert read_glance(get_couple(couple.reference), practice.clock.now()) == []


def test_what_one_does_after_they_parted_is_not_on_the_couples_page(practice: Practice, couple: Two) -> None:
    leave(practice, couple.one)
    practice.clock.advance(days=1)
    may_book(practice, couple.other)
    confirmed(practice, MONDAY_NINE, couple.other, therapist=ADA, offering=ALONE)
    clinician = desk(practice, "clinician")
    parted = look(clinician, page_of(couple)).entries
    assert ("Both", KINDS["parted"].words, "Known to both") in parted
    assert not [what for _, what, _ in parted if what.startswith("Session")]
    alone = look(clinician, f"/staff/intakes/{intake_of(practice, couple.other)}").entries
    assert [what for _, what, _ in alone if what.startswith("Session booked")]


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", count)


def queries(practice: Practice, couple: Two) -> tuple[int, int]:
    """How many it takes to read, and how many entries there are."""
    with practice.app.app_context():
        reader, found = account("count@practice.example"), get_couple(couple.reference)
        person = practice.person(couple.one)
        for _ in range(2):  # whatever is read once for all
            with counted() as seen:
                read = read_timeline_of_couple(reader, found, Wanted(), ZONE)
                read_timeline_of_person(reader, person, Wanted(group=Group.SESSIONS), ZONE)
            db.session.rollback()
    return len(seen), read.count


def test_reading_it_takes_as_many_queries_however_much_happened(practice: Practice, couple: Two) -> None:
    hire(practice, "clinician", "owner", email="count@practice.example")
    with work_in(practice) as work:  # one of each first
        grown_note(work, account("count@practice.example"), get_couple(couple.reference), ("A", "B", "C"))
    confirmed(practice, MONDAY_TEN, couple.one, therapist=ADA)
    practice.work_until_idle()
    few, before = queries(practice, couple)
    for number in range(6):
        with work_in(practice) as work:
            person = practice.person((couple.one, couple.other)[number % 2])
            grown_note(work, account("count@practice.example"), person, ("A", "B", "C"))
        pause(practice, couple.one, "")
        resume(practice, couple.one)
    many, after = queries(practice, couple)
    assert after > before + 20
    assert (few, many) == (few, few)
    assert few < 80


@pytest.mark.parametrize(
    ("stage", "said", "partners"),
    [
        ("accepted", "Request accepted", "Answers as the invited partner noted as read"),
        ("referred_out", "Request referred out", ""),
        ("withdrawn", "Request taken back", ""),
    ],
)
def test_every_way_in_which_a_request_ends_stands_there(
    practice: Practice, couple: Two, stage: str, said: str, partners: str
) -> None:
    with work_in(practice) as work:
        work.session.execute(update(Intake).values(review_state=stage, decided_at=work.now, decided_by="staff:1"))
    entries = look(desk(practice, "owner"), page_of(couple) + "?kind=requests").entries
    assert ("Robin", said, "Known to Robin") in entries
    assert [what for about, what, known in entries if about == "Kim" and known == "Staff only"] == [partners] * bool(
        partners
    )


def test_what_was_asked_and_answered_is_for_whoever_reads_what_is_clinical(practice: Practice, couple: Two) -> None:
    reference = intake_of(practice, couple.one)
    clinician = desk(practice, "clinician")
    with work_in(practice) as work:
        asker = account("clinician-desk@practice.example")
        asking.ask(work, asker, reference, seen="new:0", fields=(), question="Canaryquestion")
        answer = {"seen": "info_requested:1", "change": None, "text": "Canaryanswer"}
        asking.answer(work, practice.person(couple.one), reference, **answer)
    page = look(clinician, page_of(couple) + "?kind=requests")
    assert {
        ("Robin", "Asked for something", "Known to Robin"),
        ("Robin", "Answered what was asked", "Known to Robin"),
    } <= (set(page.entries))
    assert "Canary" not in page.text
    coordinators = look(desk(practice, "coordinator"), f"/staff/intakes/{reference}?kind=requests").entries
    assert not [what for _, what, _ in coordinators if what.startswith(("Asked", "Answered"))]
