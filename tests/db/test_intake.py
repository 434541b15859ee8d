"""What is kept of an intake: sealed answers, flags, leave to book; and how it is erased."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from practice.booking.models import Eligibility
from practice.booking.offers.models import Therapist
from practice.database import db
from practice.errors import NotFound
from practice.intake import actions, fitting, queries, retention, running_out
from practice.intake.documents import current_questionnaire
from practice.intake.models import Intake, IntakeAnswers, QuestionnaireCopy
from practice.intake.questions import SKIPPED
from practice.intake.safety import Band, worst_band
from practice.intake.steps import BOOK
from practice.people import Contact, Person, contact_of, hash_code
from practice.sealing import CannotOpen, PersonKey, vault
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.story import Client

ANSWERS = {
    "ack_not_emergency": "yes", "age_18_plus": "yes", "private_now": "yes", "session_location": "US-NY",
    "preferred_name": "Robin", "email": "robin@mail.example", "contact_ok": ("email", "call"),
    "phone": "+1 212 555 0123", "others_see_messages": "maybe", "safe_contact_note": "Mornings",
    "attending": "couple", "trust_role": "hurt", "breach_types": ("lying_omission",), "breach_pattern": "single",
    "breach_known_since": "lt_2w", "goal_direction": "repair", "format_pref": "video", "access_needs": "",
    "control": "often", "safe_to_speak": "", "court_order": "no", "self_harm": "passing", "alone_call": "yes",
}  # fmt: skip


@pytest.fixture(scope="module")
def code_hash():
    return hash_code("blue kettle")


def save(work, intake, answers, code_hash):
    for page in current_questionnaire().pages(BOOK):
        named = {field.name for field in page.fields}
        actions.save_page(
            work, intake.reference, page, {name: said for name, said in answers.items() if name in named}, code_hash
        )


@pytest.fixture
def sent(practice, code_hash, app):
    """Sends an intake with some answers changed; its reference. Everything happens in one request, as a browser's."""

    def send(*, submit=True, person_id=None, **changes):
        with app.test_request_context(), begin_work() as work:
            person = work.session.get(Person, person_id) if person_id else None
            intake = actions.start_draft(work, person, "America/New_York")
            answers = {name: said for name, said in {**ANSWERS, **changes}.items() if said is not None}
            save(work, intake, answers, code_hash)
            if submit:
                actions.submit(work, intake.reference)
            return intake.reference

    return send


def test_staff_read_the_answers_in_the_words_of_the_page(app, sent):
    reference = sent()
    with app.app_context():
        intake = queries.get_intake(reference)
        read = {answered.field.name: answered.said for answered in queries.answers_of(intake, vault())}
        assert read["contact_ok"] == "Email; Phone call"
        assert read["breach_types"] == "Lies, half-truths or leaving things out"
        assert read["session_location"] == "New York"
        assert read["access_needs"] == read["safe_to_speak"] == SKIPPED
        assert read["safe_contact_note"] == "Mornings"
        assert "harm_other" not in read
        assert queries.answers_of(intake)[0].section.id == "start"
        assert queries.codes_of(intake) == {**ANSWERS}


def test_flags_are_sealed_with_the_intake(app, sent):
    reference = sent()
    with app.app_context():
        intake = queries.get_intake(reference)
        flags = queries.flags_of(intake)
        assert [flag.code for flag in flags] == ["control", "self_harm_thoughts", "safe_to_speak_unsaid", "newly_known"]
        assert worst_band(flags) is Band.RED
        assert b"control" not in intake.flags_sealed


def test_calm_answers_have_flags_that_say_nothing(app, sent):
    reference = sent(control="no", safe_to_speak="yes", self_harm="no", breach_known_since="y1_3")
    with app.app_context():
        intake = queries.get_intake(reference)
        assert queries.flags_of(intake) == ()
        assert intake.flags_sealed is not None


def test_how_to_reach_somebody_follows_from_the_answers(app, sent):
    sent()
    with app.app_context():
        person = db.session.scalars(select(Person)).one()
        assert contact_of(person) == Contact(
            "Robin", "robin@mail.example", "+1 212 555 0123", ("email", "call"), calendar_by_mail=False
        )


def test_where_nobody_else_reads_the_messages_calendar_parts_may_be_mailed(app, sent):
    sent(others_see_messages="no", safe_contact_note=None)
    with app.app_context():
        assert contact_of(db.session.scalars(select(Person)).one()).calendar_by_mail


@pytest.mark.parametrize(
    ("changes", "attendance", "places"),
    [
        ({}, ["couple", "individual"], ["video"]),
        ({"attending": "couple_unsure", "format_pref": "either"}, ["couple", "individual"], ["video", "in_person"]),
        ({"attending": "individual", "format_pref": "in_person"}, ["individual"], ["video", "in_person"]),
        ({"format_pref": "in_person"}, ["couple", "individual"], ["in_person"]),
        ({"format_pref": "in_person", "session_location": "US-CA"}, ["couple", "individual"], ["video", "in_person"]),
        ({"control": "no", "self_harm": "plan", "court_order": "yes"}, ["couple", "individual"], ["video"]),
    ],
)
def test_booking_hears_what_may_be_booked_and_nothing_of_why(app, sent, changes, attendance, places):
    sent(**changes)
    with app.app_context():
        granted = db.session.scalars(select(Eligibility)).one()
        assert (granted.attendance, granted.places) == (attendance, places)
        assert granted.region == changes.get("session_location", "US-NY")


def test_an_intake_with_an_open_question_is_not_sent(app, sent):
    for missing in ("trust_role", "control", "access_needs", "safe_contact_note"):
        with pytest.raises(actions.Incomplete):
            sent(**{missing: None})
    with app.app_context():
        assert all(one.submitted_at is None for one in db.session.scalars(select(Intake)))


def test_an_intake_without_a_code_is_not_sent(app, sent, code_hash):
    reference = sent(submit=False)
    with app.app_context(), begin_work() as work:
        work.session.execute(update(Person).values(code_hash=None))
    with app.app_context(), pytest.raises(actions.Incomplete), begin_work() as work:
        actions.submit(work, reference)


def test_a_sent_intake_takes_no_more_pages(app, sent):
    reference = sent()
    page = current_questionnaire().pages(BOOK)[4]
    with app.app_context(), pytest.raises(actions.AlreadySent), begin_work() as work:
        actions.save_page(work, reference, page, {"goal_direction": "decide"})
    with app.app_context():
        assert queries.codes_of(queries.get_intake(reference))["goal_direction"] == "repair"


def test_a_draft_is_not_on_the_desk(app, sent):
    reference = sent(submit=False)
    with app.app_context(), pytest.raises(NotFound):
        queries.get_intake(reference)


def test_the_payment_moment_adds_to_what_was_sent(app, sent):
    reference = sent()
    with app.app_context(), begin_work() as work:
        person = work.session.scalars(select(Person)).one()
        actions.save_moment(
            work, person, "pay", {"legal_name": "Robin Doe", "date_of_birth": "1985-03-31", "insurance_use": "no"}
        )
    with app.app_context():
        codes = queries.codes_of(queries.get_intake(reference))
        assert {**ANSWERS}.items() <= codes.items()
        assert codes["legal_name"] == "Robin Doe"
        assert codes["insurance_use"] == "no"


def test_a_moment_takes_only_its_own_questions(app, sent):
    reference = sent()
    with app.app_context(), begin_work() as work:
        person = work.session.scalars(select(Person)).one()
        actions.save_moment(work, person, "pay", {"legal_name": "Robin Doe", "control": "no", "email": "x@y.example"})
    with app.app_context():
        codes = queries.codes_of(queries.get_intake(reference))
        assert (codes["control"], codes["email"]) == ("often", "robin@mail.example")


def test_a_moment_of_somebody_who_sent_nothing_is_refused(app, sent):
    sent(submit=False)
    with app.app_context(), pytest.raises(NotFound), begin_work() as work:
        actions.save_moment(work, work.session.scalars(select(Person)).one(), "pay", {"legal_name": "Robin Doe"})


def test_answers_moved_to_another_section_or_intake_do_not_open(app, sent):
    first, second = sent(), sent(preferred_name="Kim")
    with app.app_context(), begin_work() as work:
        one, other = (queries.get_intake(reference) for reference in (first, second))
        rows = {(row.intake_id, row.section): row for row in work.session.scalars(select(IntakeAnswers))}
        rows[one.id, "goals"].sealed = rows[one.id, "trust"].sealed
        rows[other.id, "trust"].sealed = rows[one.id, "trust"].sealed
    for reference in (first, second):
        with app.app_context(), pytest.raises(CannotOpen):
            queries.codes_of(queries.get_intake(reference))


def test_an_old_intake_keeps_the_questions_that_it_was_asked(app, sent):
    reference = sent()
    with app.app_context(), begin_work() as work:
        copy = work.session.scalars(select(QuestionnaireCopy)).one()
        assert json.loads(copy.document)["version"] == copy.version == current_questionnaire().version
        copy.document = copy.document.replace("To repair and stay together", "To mend it")
    with app.app_context():
        said = {one.field.name: one.said for one in queries.answers_of(queries.get_intake(reference))}
        assert said["goal_direction"] == "To mend it"  # the kept copy is what is read, not what ships now


def test_one_copy_of_the_questions_serves_all_intakes(app, sent):
    sent()
    sent()
    with app.app_context():
        assert db.session.query(QuestionnaireCopy).count() == 1


# Erasing


def sweep(practice, clock, days):
    clock.advance(days=days)
    practice.work_until_idle()


def left(app):
    with app.app_context():
        return {model.__name__: db.session.query(model).count() for model in (Person, PersonKey, Intake, IntakeAnswers)}


def test_answers_that_led_to_no_booking_are_erased_after_thirty_days(app, practice, sent, clock):
    reference = sent()
    sweep(practice, clock, 29)
    assert left(app)["IntakeAnswers"] == 7
    sweep(practice, clock, 2)
    assert left(app) == {"Person": 1, "PersonKey": 0, "Intake": 1, "IntakeAnswers": 0}
    with app.app_context():
        person = db.session.scalars(select(Person)).one()
        assert person.contact_sealed is person.email_index is person.code_hash is None
        with pytest.raises(NotFound):
            queries.get_intake(reference)
    assert practice.breaches() == []


def client_of(app):
    with app.app_context():
        person = db.session.scalars(select(Person).order_by(Person.id.desc())).first()
        return Client(person.id, person.reference, "Robin", "robin@mail.example")


def test_answers_that_led_to_a_booking_are_kept(app, practice, sent, clock):
    reference = sent()
    practice.confirm(practice.hold(MONDAY_NINE, client_of(app)))
    sweep(practice, clock, 60)
    with app.app_context():
        assert queries.codes_of(queries.get_intake(reference))["control"] == "often"


def test_a_new_draft_of_somebody_keeps_their_key(app, practice, sent, clock):
    old = sent()
    sweep(practice, clock, 20)
    sent(submit=False, person_id=client_of(app).person_id, attending="individual")
    sweep(practice, clock, 12)
    with app.app_context():
        with pytest.raises(NotFound):
            queries.get_intake(old)
        draft = queries.find_draft(db.session.scalars(select(Person)).one(), clock.now())
        assert queries.codes_of(draft)["attending"] == "individual"
        assert queries.codes_of(draft)["preferred_name"] == "Robin"  # as they are known: it isn't asked anew


def test_erasing_a_draft_twice_erases_it_once(app, practice, sent, clock):
    reference = sent(submit=False)
    clock.advance(days=31)
    with app.app_context(), begin_work() as work:
        retention.erase_run_out(work, reference)
    with app.app_context(), begin_work() as work:
        retention.erase_run_out(work, reference)
    assert left(app) == {"Person": 0, "PersonKey": 0, "Intake": 0, "IntakeAnswers": 0}


def test_a_draft_that_was_saved_again_meanwhile_stays(app, practice, sent, clock):
    reference = sent(submit=False)
    clock.advance(days=31)
    with app.app_context():
        assert running_out.find_run_out(clock.now()) == [reference]
    with app.app_context(), begin_work() as work:
        actions.save_page(work, reference, current_questionnaire().pages(BOOK)[2], {"attending": "individual"})
    with app.app_context(), begin_work() as work:
        retention.erase_run_out(work, reference)
    assert left(app)["Intake"] == 1


def test_whoever_fits_is_found_by_license_attendance_and_place(app, sent, clock):
    sent(session_location="US-CA")
    with app.app_context():
        person = db.session.scalars(select(Person)).one()
        (fit,) = fitting.find_fitting(person, clock.now())
        assert (fit.therapist.slug, fit.offer.offering_slug) == ("noor-haddad", "couple-50")
        assert fit.next_time is not None
    with app.app_context(), begin_work() as work:
        work.session.execute(update(Therapist).values(active=False))
    with app.app_context():
        assert fitting.find_fitting(db.session.scalars(select(Person)).one(), clock.now()) == []
        assert queries.find_licensed_regions() == set()


def test_answers_that_were_tampered_with_are_found(app, practice, sent):
    reference = sent()
    assert practice.breaches() == []
    with app.app_context(), begin_work() as work:
        intake = queries.get_intake(reference)
        row = work.session.get(IntakeAnswers, (intake.id, "trust"))
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
        intake.flags_sealed = row.sealed
    assert practice.breaches() == [
        f"I7: intake {reference}, trust: the seal is broken",
        f"I7: intake {reference}, flags: the seal is broken",
    ]


def test_a_sent_intake_without_flags_is_found(app, practice, sent):
    reference = sent()
    with app.app_context(), begin_work() as work:
        work.session.execute(update(Intake).values(flags_sealed=None))
    assert practice.breaches() == [f"I7: intake {reference} has no flags, or has them after it was erased"]


def test_a_draft_that_followed_an_erased_intake_runs_out_too_and_the_nights_go_on(app, practice, sent, clock):
    sent()
    with app.app_context():
        person = db.session.scalars(select(Person.id)).one()
    clock.advance(days=20)
    sent(submit=False, person_id=person)

    sweep(practice, clock, 11)
    sweep(practice, clock, 20)

    assert left(app) == {"Person": 1, "PersonKey": 0, "Intake": 1, "IntakeAnswers": 0}
    assert practice.breaches() == []
    sent(submit=False)
    sweep(practice, clock, 32)
    assert left(app)["IntakeAnswers"] == 0
