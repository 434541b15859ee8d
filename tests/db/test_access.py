"""Asking for the whole record: when it is due, who may have it, what is frozen, and what goes when its time is over."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from practice.booking import actions as booking_actions
from practice.booking.models import Booking
from practice.database import db
from practice.errors import NotFound
from practice.intake.messages import RetentionSweep
from practice.languages import LANGUAGES
from practice.people import Person
from practice.profile import PracticeProfile
from practice.rights import actions as rights
from practice.rights.access import actions, queries
from practice.rights.access.errors import (
    MovedMeanwhile,
    NoSuchDay,
    NotLookedAt,
    OpenAlready,
    OtherThanReviewed,
    TooLate,
)
from practice.rights.access.handlers import on_retention_sweep
from practice.rights.access.models import AccessCopy, AccessRequest, AccessReview
from practice.rights.access.queries import Review
from practice.rights.access.redacting import LEFT_OUT, Choice, Looked
from practice.rights.access.rules import HANDED_FOR, How, Outcome, State, Way
from practice.rights.export import read_export
from practice.rights.handlers import on_retention_sweep as erase_by_night
from practice.rights.scope import Scope
from practice.sealing import vault
from practice.speaking import current_language, speaking
from practice.staff.queries import find_account
from tests.support import access, canaries
from tests.support.answering_couples import completes, intake_of, two
from tests.support.clock import MONDAY_NINE
from tests.support.couples import client_for_two
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.notes import note_on_request
from tests.support.offers import change_offering, confirmed, work_in
from tests.support.paying import Till
from tests.support.staff import audit, hire
from tests.support.story import Client, Practice

DESK = "staff:7"
OFFICE = "office@practice.example"
TODAY = date(2027, 5, 5)
ONE_DAY = timedelta(days=1)
LEAVE = Looked(Choice.LEAVE)


@pytest.fixture
def client(practice: Practice) -> Client:
    """Somebody who sent their answers and booked, and of whom a clinician noted something."""
    made = client_for_two(practice)
    change_offering(practice, price_minor=0)  # nobody has to pay for it in this story
    confirmed(practice, MONDAY_NINE, made)
    hire(practice, "clinician", email="notes@practice.example")
    note(practice, made, "Their partner drinks. They sleep badly.")
    return made


def note(practice: Practice, client: Client, words: str) -> None:
    about = intake_of(practice, client)
    with work_in(practice) as work:
        account = find_account("notes@practice.example")
        assert account is not None
        note_on_request(work, account, about, words)


def move_to(practice: Practice, country: str) -> None:
    with work_in(practice) as work:
        work.session.execute(update(PracticeProfile).values(help_region=country))


def enter(practice: Practice, client: Client, arrived: date, way: Way = Way.LETTER) -> str:
    with work_in(practice) as work:
        return actions.enter(work, DESK, practice.person(client), way, arrived)


def extend(practice: Practice, reference: str, words: str = "We look for older papers") -> None:
    with work_in(practice) as work:
        actions.extend(work, DESK, reference, words)


def row(practice: Practice, reference: str) -> AccessRequest:
    with practice.app.app_context():
        found = queries.find_request(reference)
        assert found is not None
        db.session.expunge(found)
        return found


def copy_of(practice: Practice, client: Client) -> dict[str, object] | None:
    """What they can read now."""
    with practice.app.app_context():
        found = queries.find_copy(client.person_id, practice.clock.now())
        return queries.open_copy(found) if found is not None else None


def night(practice: Practice) -> None:
    with practice.app.app_context():
        on_retention_sweep(RetentionSweep("tonight"))


def to_desk(mailer: FakeMailer) -> list[str]:
    return [letter.subject for letter in mailer.sent if letter.to == OFFICE and "answer is" in letter.subject.lower()]


# Asking, and when it is due


@pytest.mark.parametrize(
    ("country", "due", "extended"),
    [("US", date(2027, 3, 2), date(2027, 4, 1)), ("GB", date(2027, 2, 28), date(2027, 4, 30))],
)
def test_a_request_is_due_by_the_law_of_the_practice_and_can_be_given_more_time_once(
    practice: Practice, client: Client, country: str, due: date, extended: date
) -> None:
    move_to(practice, country)
    practice.clock.set(practice.clock.now().replace(month=2, day=20))
    reference = enter(practice, client, date(2027, 1, 31))
    assert row(practice, reference).due_on == due

    extend(practice, reference)

    assert row(practice, reference).due_on == extended
    with pytest.raises(TooLate):
        extend(practice, reference)
    move_to(practice, "CA")  # what holds for this one stays
    assert row(practice, reference).country == country
    assert practice.breaches() == []


def test_more_time_is_taken_until_the_last_day_and_not_after(practice: Practice, client: Client) -> None:
    first, second = enter(practice, client, TODAY), client_for_two(practice)
    other = enter(practice, second, TODAY)
    practice.clock.advance(days=30)
    extend(practice, first)
    practice.clock.advance(days=1)
    with pytest.raises(TooLate):
        extend(practice, other)
    assert row(practice, other).due_on == TODAY + timedelta(days=30)


@pytest.mark.parametrize("day", [TODAY + ONE_DAY, TODAY - timedelta(days=366)])
def test_no_request_arrives_in_the_future_or_came_more_than_a_year_ago(
    practice: Practice, client: Client, day: date
) -> None:
    with pytest.raises(NoSuchDay):
        enter(practice, client, day)
    with practice.app.app_context():
        assert queries.list_open() == []


def test_today_is_the_practices_own_day(practice: Practice, client: Client) -> None:
    practice.clock.set(practice.clock.now().replace(hour=2))  # the evening before, where the practice is
    with pytest.raises(NoSuchDay):
        enter(practice, client, TODAY)
    assert row(practice, access.ask(practice, client)).arrived_on == TODAY - ONE_DAY


def test_asking_twice_is_asking_once_and_the_desk_hears_that_it_is_entered(practice: Practice, client: Client) -> None:
    first = access.ask(practice, client)
    assert access.ask(practice, client) == first
    with pytest.raises(OpenAlready):
        enter(practice, client, TODAY)

    with work_in(practice) as work:
        actions.take_back(work, practice.person(client))
    second = enter(practice, client, TODAY, Way.PHONE)

    assert (row(practice, first).state, row(practice, second).state) == (State.TAKEN_BACK, State.ASKED)
    assert [who for who, _, _ in audit(practice, "access_asked", "access_taken_back")] == [
        f"client:{client.reference}",
        f"client:{client.reference}",
        DESK,
    ]


def test_the_database_refuses_a_second_that_waits(practice: Practice, client: Client) -> None:
    reference = access.ask(practice, client)
    with pytest.raises(IntegrityError), work_in(practice) as work:
        first = work.session.scalars(select(AccessRequest).where(AccessRequest.reference == reference)).one()
        values = {name: getattr(first, name) for name in ("person_id", "state", "way", "entered_at", "entered_by")}
        values |= {name: getattr(first, name) for name in ("country", "arrived_on", "due_on")}
        work.session.add(AccessRequest(reference="ar_second", **values))
        work.session.flush()


def test_two_who_press_at_once_make_one_request(practice: Practice, client: Client) -> None:
    ready = threading.Barrier(2)

    def press() -> None:
        ready.wait()
        access_quietly(practice, client)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with practice.app.app_context():
        assert len(queries.list_of(client.person_id)) == 1


def access_quietly(practice: Practice, client: Client) -> None:
    with work_in(practice) as work:
        actions.ask(work, practice.person(client))


# Letters


def test_the_desk_hears_a_week_before_it_is_due_and_once_it_is_overdue(
    practice: Practice, client: Client, mailer: FakeMailer
) -> None:
    access.ask(practice, client)
    practice.work_until_idle()
    assert to_desk(mailer) == []
    seen = []
    for _ in range(40):
        practice.clock.advance(days=1)
        practice.work_until_idle()
        seen.append(len(to_desk(mailer)))

    assert to_desk(mailer) == ["An answer is due within a week", "An answer is overdue"]
    assert (seen.index(1) + 1, seen.index(2) + 1) == (23, 31)
    told = " ".join(letter.text for letter in mailer.sent if letter.to == OFFICE and "nswer is" in letter.subject)
    assert client.name not in told
    assert client.reference not in told


def test_what_was_answered_or_given_more_time_is_not_said_to_be_due(
    practice: Practice, client: Client, mailer: FakeMailer
) -> None:
    longer, other = access.ask(practice, client), client_for_two(practice)
    hire(practice, "clinician")
    access.handed_over(practice, other)
    extend(practice, longer)
    for _ in range(52):
        practice.clock.advance(days=1)
        practice.work_until_idle()
    assert to_desk(mailer) == []
    practice.clock.advance(days=1)
    practice.work_until_idle()
    assert to_desk(mailer) == ["An answer is due within a week"]


def test_what_is_entered_when_it_is_overdue_is_said_to_be_so_at_once(
    practice: Practice, client: Client, mailer: FakeMailer
) -> None:
    enter(practice, client, TODAY - timedelta(days=40))
    practice.work_until_idle()
    assert to_desk(mailer) == ["An answer is overdue"]
    with practice.app.app_context():
        assert queries.count(practice.clock.now(), queries.list_open()) == queries.Load(overdue=1, soon=0, later=0)


def test_its_person_hears_that_something_changed_and_never_what(
    practice: Practice, client: Client, mailer: FakeMailer
) -> None:
    reference = access.ask(practice, client)
    practice.work_until_idle()
    mailer.sent.clear()
    extend(practice, reference)
    access.check(practice, reference)
    access.look(practice, reference)
    access.hand_over(practice, reference)
    practice.work_until_idle()

    assert [(letter.to, letter.subject) for letter in mailer.sent] == [(client.email, "About your appointments")] * 2
    assert not [letter for letter in mailer.sent if "record" in letter.text.lower()]


# Who asks, the review and the decision


def test_nothing_is_reviewed_handed_over_or_refused_before_somebody_made_sure_who_asks(
    practice: Practice, client: Client
) -> None:
    reference = access.ask(practice, client)
    with pytest.raises(MovedMeanwhile):
        access.look(practice, reference)
    with pytest.raises(MovedMeanwhile):
        access.hand_over(practice, reference)
    with pytest.raises(MovedMeanwhile), work_in(practice) as work:
        actions.refuse(work, access.CLINICIAN, reference, "It would harm")
    access.check(practice, reference, How.CODE, "They read it out to me")
    with pytest.raises(MovedMeanwhile):
        access.check(practice, reference)
    with practice.app.app_context():
        request = queries.get_request(reference)
        assert (request.state, request.checked_how) == (State.CHECKED, How.CODE)
        assert queries.remark_of(request) == "They read it out to me"
        assert request.remark_sealed is not None
        assert b"read it out" not in request.remark_sealed


def test_a_note_that_came_meanwhile_stops_it_until_somebody_looked(practice: Practice, client: Client) -> None:
    reference = access.ask(practice, client)
    access.check(practice, reference)
    access.look(practice, reference)
    note(practice, client, "They called once more.")
    with pytest.raises(NotLookedAt):
        access.hand_over(practice, reference)
    with practice.app.app_context():
        request = queries.get_request(reference)
        unseen = queries.prepare(request, queries.read_review(request), practice.clock.now()).redacted.unseen
        assert [item.text for item in unseen] == ["They called once more."]

    access.look(practice, reference)
    access.hand_over(practice, reference)
    assert practice.breaches() == []


def test_what_was_handed_over_is_frozen_as_it_was_reviewed(practice: Practice, client: Client) -> None:
    marked = Looked(Choice.PASSAGES, "[[Their partner drinks.]] They sleep badly.")
    access.handed_over(practice, client, {"drinks": marked})
    note(practice, client, "A later note.")

    said = copy_of(practice, client)

    assert said is not None
    assert said["notes"][0]["text"] == f"{LEFT_OUT} They sleep badly."  # type: ignore[index]
    assert said["left_out"] == " ".join(queries.PARTS_LEFT_OUT)
    assert "drinks" not in json.dumps(said)
    assert "later note" not in json.dumps(said)
    with practice.app.app_context():
        [kept] = db.session.scalars(select(AccessCopy))
        assert b"sleep" not in kept.content_sealed
    assert practice.breaches() == []


def write_to(practice: Practice, client: Client, language: str) -> None:
    with work_in(practice) as work:
        work.session.get_one(Person, client.person_id).language = language


def test_there_is_the_same_to_look_at_in_every_language_and_an_empty_answer_is_no_text(
    practice: Practice, client: Client
) -> None:
    completes(practice, client, breach_story="")
    reference, found = access.ask(practice, client), dict[str, list[str]]()
    for language in LANGUAGES:
        with practice.app.app_context(), speaking(language):
            prepared = queries.prepare(queries.get_request(reference), Review(), practice.clock.now())
            found[language] = [item.key for item in prepared.items]
            assert "breach_story" in json.dumps(prepared.redacted.record)
            assert {item.text for item in prepared.items}.isdisjoint({"Left empty", "Sin respuesta"})

    assert found["es"] == found["en"]
    assert len(found["en"]) > 1


def test_a_record_in_another_language_is_what_was_reviewed_or_is_not_handed_over(
    practice: Practice, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    completes(practice, client, breach_story="Kim lied")
    write_to(practice, client, "es")
    free = queries.find_free_words
    reference = access.ask(practice, client)
    access.check(practice, reference)
    access.look(practice, reference, {"Kim lied": LEAVE})
    with monkeypatch.context() as patch:
        patch.setattr(queries, "find_free_words", lambda one: free(one) if current_language() == "en" else set())
        with pytest.raises(MovedMeanwhile):
            access.hand_over(practice, reference, Outcome.PARTS)
    assert copy_of(practice, client) is None

    access.hand_over(practice, reference, Outcome.PARTS)
    said = json.dumps(copy_of(practice, client), ensure_ascii=False)
    assert "[omitido]" in said
    assert "Kim lied" not in said


def test_what_came_between_the_look_and_the_decision_is_looked_at_first(practice: Practice, client: Client) -> None:
    reference = access.ask(practice, client)
    access.check(practice, reference)
    access.look(practice, reference)
    seen = access.mark_of(practice, reference)
    access.look(practice, reference, {"drinks": LEAVE})
    with pytest.raises(MovedMeanwhile), work_in(practice) as work:
        actions.hand_over(work, access.CLINICIAN, reference, Outcome.PARTS, "No harm", seen=seen)
    assert copy_of(practice, client) is None


@pytest.mark.parametrize(
    ("decided", "outcome"), [({"drinks": LEAVE}, Outcome.WHOLE), ({}, Outcome.PARTS)], ids=["whole", "parts"]
)
def test_it_is_called_whole_when_it_is_and_only_then(
    practice: Practice, client: Client, decided: dict[str, Looked], outcome: Outcome
) -> None:
    reference = access.ask(practice, client)
    access.check(practice, reference)
    access.look(practice, reference, decided)
    with pytest.raises(OtherThanReviewed):
        access.hand_over(practice, reference, outcome)
    assert copy_of(practice, client) is None


def test_of_two_who_review_at_once_the_second_is_told(practice: Practice, client: Client) -> None:
    reference = access.ask(practice, client)
    access.check(practice, reference)
    access.look(practice, reference)
    with pytest.raises(MovedMeanwhile), work_in(practice) as work:
        actions.save_review(work, DESK, reference, {}, seen=0)
    with practice.app.app_context():
        assert queries.read_review(queries.get_request(reference)).looked  # what the first saved stays


def test_the_reason_is_sealed_and_in_no_export_and_a_refusal_makes_no_copy(practice: Practice, client: Client) -> None:
    reference = access.ask(practice, client)
    access.check(practice, reference, remark="Sounded afraid")
    with work_in(practice) as work:
        actions.refuse(work, access.CLINICIAN, reference, "Their partner would read it")

    with practice.app.app_context():
        request = queries.get_request(reference)
        assert (request.state, request.outcome) == (State.REFUSED, Outcome.NOTHING)
        assert queries.read_review(request).reason == "Their partner would read it"
        assert b"partner" not in db.session.get_one(AccessReview, request.id).reason_sealed
        for scope in Scope:
            said = json.dumps(read_export(practice.person(client), scope, practice.clock.now()))
            assert "would read it" not in said
            assert "afraid" not in said
        assert queries.find_open(client.person_id) is None
    assert copy_of(practice, client) is None
    assert practice.breaches() == []
    with pytest.raises(MovedMeanwhile), work_in(practice) as work:
        actions.take_back_for(work, DESK, reference)


def test_everything_that_is_kept_of_somebody_is_in_it_when_nothing_is_left_out(
    practice: Practice, payments: FakePayments
) -> None:
    held, words = canaries.plant(practice, Till(practice, payments))
    with practice.app.app_context():
        kept = json.dumps(read_export(practice.person(held.payer), Scope.WHOLE, practice.clock.now()))
    access.handed_over(practice, held.payer)

    said = json.dumps(copy_of(practice, held.payer))

    assert [word for word in words if word in kept and word not in said] == []
    assert [word for word in words if word in said and word.startswith(canaries.OF_STAFF[1:5])] == []
    assert len([word for word in words if word in said]) > 5


def test_a_request_of_one_partner_holds_and_changes_nothing_of_the_other(practice: Practice) -> None:
    couple = two(practice, {"breach_story": "Storyofrobin"}, {"breach_story": "Storyofsasha"})
    hire(practice, "clinician", email="notes@practice.example")
    note(practice, couple.other, "Noteaboutsasha")

    def others() -> str:
        with practice.app.app_context():
            found = read_export(practice.person(couple.other), Scope.WHOLE, practice.clock.now())
        return json.dumps(found)

    before = others()
    access.handed_over(practice, couple.one)

    said = json.dumps(copy_of(practice, couple.one))
    assert "Storyofrobin" in said
    for theirs in ("Storyofsasha", "Noteaboutsasha", couple.other.reference, couple.other.email):
        assert theirs not in said
    assert others() == before
    assert copy_of(practice, couple.other) is None


# The end


def test_a_copy_is_gone_when_its_time_is_over_and_not_before(practice: Practice, client: Client) -> None:
    reference = access.handed_over(practice, client)
    practice.clock.advance(seconds=HANDED_FOR.total_seconds() - 1)
    night(practice)
    assert copy_of(practice, client) is not None

    practice.clock.advance(seconds=1)
    assert copy_of(practice, client) is None  # at once, whenever the night comes
    night(practice)

    assert row(practice, reference).state == State.RUN_OUT
    with practice.app.app_context():
        assert db.session.scalars(select(AccessCopy)).all() == []
    assert practice.breaches() == []
    night(practice)
    access.ask(practice, client)  # they may ask again


@pytest.mark.parametrize("how_far", ["asked", "checked", "handed_over", "refused"])
def test_erasing_somebody_ends_what_they_asked_and_nobody_can_open_anything_of_it(
    practice: Practice, client: Client, how_far: str
) -> None:
    reference = access.ask(practice, client)
    if how_far != "asked":
        access.check(practice, reference, remark="Sounded calm")
        access.look(practice, reference)
    if how_far == "handed_over":
        access.hand_over(practice, reference)
    if how_far == "refused":
        with work_in(practice) as work:
            actions.refuse(work, access.CLINICIAN, reference, "Harm")
    with work_in(practice) as work:
        booking = work.session.scalars(select(Booking)).one()
        booking_actions.cancel(work, booking_actions.lock(work, booking.reference))
    with work_in(practice) as work:
        rights.erase_person(work, DESK, practice.person(client))
    with practice.app.app_context():
        assert queries.list_open() == []
        with pytest.raises(NotFound):
            queries.get_request(reference)
    assert practice.breaches() == []
    practice.work_until_idle()

    ends = {"asked": "erased", "checked": "erased", "handed_over": "run_out", "refused": "refused"}
    assert row(practice, reference).state == ends[how_far]
    with practice.app.app_context():
        assert db.session.scalars(select(AccessCopy)).all() == []
        assert db.session.scalars(select(AccessReview)).all() == []
    with pytest.raises(NotFound), work_in(practice) as work:
        actions.enter(work, DESK, practice.person(client), Way.LETTER, TODAY)
    assert practice.breaches() == []


def test_the_nights_erase_nothing_of_whoever_waits_for_their_record(practice: Practice) -> None:
    client = practice.new_client()

    def is_known() -> bool:
        with practice.app.app_context():
            erase_by_night(RetentionSweep("tonight"))
            return vault().has_key(client.person_id)

    reference = access.ask(practice, client)
    practice.clock.advance(days=40)
    assert is_known()
    access.check(practice, reference)
    with work_in(practice) as work:
        actions.refuse(work, access.CLINICIAN, reference, "Their partner would read it")
    assert not is_known()  # the control: nothing else keeps them
    practice.work_until_idle()
    assert practice.breaches() == []
