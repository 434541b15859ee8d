"""The desk reads requests in Spanish: every page of them, answers in the questionnaire's own words, and errors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.notify.messages import Kind
from practice.review.timeline_money import letter_words
from practice.speaking import speaking
from tests.support.answering_couples import intake_of
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.paying import Till
from tests.support.spanish import english_on, in_spanish, words_on
from tests.support.staff import Colleague, booked, desk, request_of, send_request, sign_in
from tests.support.story import Practice
from tests.support.whole_couples import CLINICIAN, whole_couple

ROOMS = ("common", "desk", "pulse", "requests", "today")
QUEUE = "/staff/intakes"
VIEWS = f"{QUEUE}/views"
REFERRALS = "/staff/setup/referrals"
OWN_WORDS = "Canary wrote this in English"
ONE_DATABASE = pytest.mark.databases("sqlite")  # words alone
TO_STAFF = {
    Kind.REVIEW_RUNS_OUT, Kind.REQUEST_ARRIVED, Kind.ANSWERS_ARRIVED, Kind.MONEY_WAITS, Kind.TAKEN_BACK, Kind.URGENT,
    Kind.STAFF_INVITATION, Kind.STAFF_PASSWORD, Kind.CALL_WISHED, Kind.RECORD_DUE, Kind.RECORD_OVERDUE,
    Kind.CALENDAR_STOPPED, Kind.CALENDAR_ASKS, Kind.CALENDAR_FAILS, Kind.COLLIDES,
}  # fmt: skip


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


def read(browser: Browser, path: str) -> str:
    """What the page says, which is Spanish."""
    page = browser.get(path)
    assert page.status_code == 200, path
    assert '<html lang="es">' in page.text, path
    return page.text


def english(browser: Browser, *paths: str) -> dict[str, list[str]]:
    """What of our English stands on these pages, by address; nothing but where there is some."""
    found = {path: english_on(read(browser, path), *ROOMS) for path in paths}
    return {path: pieces for path, pieces in found.items() if pieces}


@ONE_DATABASE
def test_all_that_is_read_of_two_people_is_spanish(practice: Practice, till: Till) -> None:
    whole = whole_couple(practice, till)
    theirs = in_spanish(sign_in(practice, Colleague("whole@practice.example", CLINICIAN)))
    opener = in_spanish(sign_in(practice, Colleague("opens@practice.example", "staff:2")))
    stranger = in_spanish(desk(practice, "clinician"))
    requests = [f"{QUEUE}/{intake_of(practice, one)}" for one in (whole.booker, whole.invited)]
    kinds = ("requests", "sessions", "letters", "consents", "notes", "clearing")

    assert english(
        theirs,
        "/staff/",
        "/staff/opened",
        f"{QUEUE}?state=all",
        *(f"{one}{page}" for one in requests for page in ("", "/just-for-you", "/print", "/pulse")),
        *(f"{requests[0]}?kind={kind}" for kind in kinds),
        f"{requests[0]}/withdrawn",
        f"{requests[0]}/refer",
    ) == {}  # fmt: skip
    assert english(opener, "/staff/opened", requests[0], f"{requests[0]}/just-for-you") == {}
    assert english(stranger, requests[0], f"{requests[0]}/open") == {}
    assert english(in_spanish(desk(practice, "owner")), f"{requests[0]}?kind=money", "/staff/opened") == {}
    assert english(in_spanish(desk(practice, "coordinator")), requests[0], f"{QUEUE}?state=all") == {}


@ONE_DATABASE
def test_today_the_sessions_and_the_queue_are_spanish(practice: Practice) -> None:
    calm = send_request(practice, preferred_name="Cleo", email="cleo@mail.example")
    booked(practice, calm, (held := practice.hold(MONDAY_NINE, offering="individual-50")).reference)
    practice.confirm(held)
    urgent = send_request(practice, preferred_name="Ruth", email="ruth@mail.example", self_harm="plan")
    lapsing = practice.hold(MONDAY_NINE + timedelta(hours=3), offering="individual-50")
    booked(practice, urgent, lapsing.reference)
    with work_in(practice) as work:
        row = {"state": State.IN_REVIEW, "deadline_at": MONDAY_NINE + timedelta(hours=3), "review_first": True}
        work.session.execute(update(Booking).where(Booking.reference == lapsing.reference).values(**row))
    practice.clock.set(MONDAY_NINE - timedelta(hours=1))
    staff = in_spanish(desk(practice, "owner", "clinician"))
    assert staff.submit(QUEUE, {"name": "Mis rojas"}, form="/views").status_code == 302

    assert english(staff, "/staff/", "/staff/sessions", QUEUE, f"{QUEUE}?band=red&age=today", VIEWS, REFERRALS,
                   f"{REFERRALS}/new", f"{QUEUE}/{urgent}", f"{QUEUE}/{calm}/print") == {}  # fmt: skip
    today = words_on(read(staff, "/staff/"))
    assert "Vea primero estas" in today
    assert "Espera desde hace 5 días. Nueva York. Todavía no la tiene nadie." in today
    assert "De guardia ahora: no se nombró a nadie, así que todos los terapeutas. Quién está" in today
    assert "Cleo con Ada" in today
    assert "reservada y pagada" in today


@ONE_DATABASE
def test_answers_are_said_in_the_words_of_the_page_and_what_was_typed_stays(practice: Practice) -> None:
    said = {"trust_role": "hurt", "goal_direction": "repair", "session_location": "US-NY"}
    found = send_request(practice, preferred_name="Robin", others_see_messages="maybe", **said)
    typed = send_request(practice, preferred_name=OWN_WORDS, email="typed@mail.example")
    staff = desk(practice, "clinician")

    page = staff.get(f"{QUEUE}/{found}").text
    assert "My trust was hurt" in page
    assert "New York" in page
    in_spanish(staff)

    for path in (f"{QUEUE}/{found}", f"{QUEUE}/{found}/print"):
        page = read(staff, path)
        assert "Mi confianza fue dañada" in page
        assert "Reparar y seguir en pareja" in page
        assert "Nueva York" in page
        assert "trust was hurt" not in page
    assert OWN_WORDS in read(staff, f"{QUEUE}/{typed}")
    with practice.app.app_context():  # what is kept are codes, and no language
        assert request_of(practice, found).review_state == "new"


@ONE_DATABASE
@pytest.mark.parametrize(
    ("form", "sent", "says"),
    [
        ("/give", {}, "Elija al menos una solicitud."),
        ("/views", {"name": ""}, "Póngale un nombre a la vista."),
        ("/views", {"name": "x" * 41}, "Un nombre admite 40 caracteres como máximo."),
    ],
)
def test_what_is_to_be_mended_is_said_in_spanish(
    practice: Practice, form: str, sent: dict[str, str], says: str
) -> None:
    send_request(practice)
    staff = in_spanish(desk(practice, "clinician"))

    answer = staff.submit(QUEUE, sent, form=form)

    assert answer.status_code == 422
    assert says in answer.text
    assert english_on(answer.text, *ROOMS) == []


@ONE_DATABASE
def test_a_view_too_many_and_a_name_that_is_taken_are_told_in_spanish(practice: Practice) -> None:
    staff = in_spanish(desk(practice, "clinician"))
    for number in range(20):
        assert staff.submit(QUEUE, {"name": f"v{number}"}, form="/views").status_code == 302

    assert "Serían más de veinte vistas" in staff.submit(QUEUE, {"name": "one more"}, form="/views").text
    assert "Usted ya tiene una vista con este nombre" in staff.submit(QUEUE, {"name": "v1"}, form="/views").text


def test_every_letter_to_a_client_has_words_on_the_timeline(practice: Practice) -> None:
    assert set(letter_words()) == set(Kind) - TO_STAFF
    with practice.app.app_context(), speaking("es"):
        assert not set(letter_words().values()) & {kind.replace("_", " ") for kind in Kind}
