"""The desk's pages for the questionnaire, the letters and people's data, read in Spanish by whoever works there."""

from __future__ import annotations

import re

import pytest

from practice.intake.documents import current_edition, read_questionnaire
from practice.intake.tailoring import tailor
from practice.people import hash_code
from practice.speaking import speaking, spoken
from tests.support.browsing import Browser
from tests.support.fake_payments import FakePayments
from tests.support.intake import OWN_QUESTION
from tests.support.offers import work_in
from tests.support.papers import attend, pay
from tests.support.paying import Till
from tests.support.spanish import english_on, in_spanish, words_on
from tests.support.staff import desk
from tests.support.story import Practice
from tests.web.test_question_pages import CHANGES, GOAL, INSTRUMENT, LIST, press, publish, upload

pytestmark = pytest.mark.databases("sqlite")  # words alone
ROOMS = ("common", "desk", "questions", "letters", "rights_desk")
LETTERS = "/staff/setup/letters"
LETTER = f"{LETTERS}/appointment_cancelled"
RECORDS = "/staff/setup/records"
DATA = "/staff/data/"
WRITTEN = re.compile(  # what is written in English, and what of it changes, stays in English beside its Spanish
    r'<(textarea|div|pre)(?=[^>]*lang="en").*?</\1>|<(del|ins)>.*?</\2>', re.DOTALL
)


@pytest.fixture
def owner(practice: Practice) -> Browser:
    return desk(practice, "owner")


def read(browser: Browser, *paths: str) -> dict[str, str]:
    """The pages, each in Spanish and without any English of ours."""
    pages = {path: browser.get(path) for path in paths}
    assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
    assert {path for path, page in pages.items() if '<html lang="es">' not in page.text} == set()
    said = {path: WRITTEN.sub("", page.text) for path, page in pages.items()}
    assert {path: found for path, page in said.items() if (found := english_on(page, *ROOMS))} == {}
    return {path: words_on(page) for path, page in said.items()}


def test_the_questionnaire_is_set_up_in_spanish(practice, owner):
    press(owner, "/shipped/pronouns/off")
    upload(owner, INSTRUMENT)
    publish(owner)
    owner.submit(f"{LIST}/own/new", {**OWN_QUESTION, "es_question": ""})
    owner.submit(GOAL, {"question": "What now?"})
    [own] = set(re.findall(rf"{LIST}/own/practice_\w+", owner.get(LIST).text))
    in_spanish(owner)

    pages = read(
        owner,
        *(LIST, CHANGES, f"{LIST}/instruments", f"{LIST}/own/new", own),
        *(f"{LIST}/shipped/self_harm", f"{LIST}/shipped/attending", f"{LIST}/sections/goals"),
        *(f"{LIST}/preview/{audience}/session/1" for audience in ("booker", "partner")),
    )

    assert "«What now?»" in pages[LIST]
    assert "«How did you hear of us?»" in pages[LIST]
    assert "Lo que usted espera" in pages[LIST]  # a section's Spanish title
    assert "Una respuesta entre varias. A la persona que reserva." in pages[LIST]
    assert "una pareja invitada, antes de la primera sesión" in pages[f"{LIST}/preview/partner/session/1"]
    assert "2 ítems; suma, 2 franjas." in pages[f"{LIST}/instruments"]


def test_the_letters_are_written_in_spanish_and_a_sample_speaks_its_own_language(owner):
    given = {"en_text": "Your session on {when} is off.", "es_text": "Su sesión del {when} se cancela."}
    owner.submit(LETTER, given, form=LETTER)
    in_spanish(owner)

    pages = read(owner, LETTERS, LETTER, f"{LETTER}/preview")

    assert "Una cita queda confirmada. Para: cliente. Asunto: «Su cita»." in pages[LETTERS]
    assert "Texto, en inglés" in pages[LETTER]
    assert "{when} el día y la hora, con su zona horaria" in pages[LETTER]
    assert "Texto, en inglés: «session» puede revelar" in pages[f"{LETTER}/preview"]
    assert "Cuando se devuelve una parte" in pages[f"{LETTER}/preview"]
    both = owner.get(f"{LETTER}/preview").text
    assert "Your session on Tuesday 10 March, 3:00 pm Eastern Time is off." in both
    assert "Su sesión del martes 10 de marzo, 3:00 p.m., hora oriental se cancela." in both


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


def test_peoples_data_is_looked_after_in_spanish(practice, till):
    held = pay(practice, till)
    home, code = f"{DATA}{held.payer.reference}", hash_code("blue kettle")
    with work_in(practice):
        practice.person(held.payer).code_hash = code
    practice.browser(held.payer).submit("/you/erasure", {"code": "blue kettle"}, form="/you/erasure")
    standing = read(in_spanish(desk(practice, "owner")), DATA, home, RECORDS)
    attend(practice, held)
    clinician = in_spanish(desk(practice, "owner", "clinician"))
    clinician.send_form(clinician.get(home), {"reason": "A court."}, form=f"{home}/hold")
    held_back = read(clinician, home, "/staff/")
    clinician.send_form(clinician.get(home), form=f"{home}/lift")
    free = read(clinician, home)

    assert "una cita confirmada" in standing[home]
    assert "Nada de esta persona vence ni se puede borrar." in held_back[home]
    assert "1 solicitud de borrado está en espera." in held_back["/staff/"]
    assert "Borrar los datos de Robin" in free[home]
    assert "10 años" in standing[RECORDS]


def test_a_record_to_hand_over_speaks_to_whose_it_is_and_its_page_to_the_reader(practice, till):
    held = pay(practice, till)
    home = f"{DATA}{held.payer.reference}"
    clinician = in_spanish(desk(practice, "owner", "clinician"))

    def handed(language: str) -> str:
        with work_in(practice):
            practice.person(held.payer).language = language
        answer = clinician.submit(home, {"scope": "sent", "kind": "page"}, form=f"{home}/export")
        assert '<html lang="es">' in answer.text
        assert f'<div class="flow" lang="{language}">' in answer.text
        return words_on(answer.text)

    assert "Volver Record" in handed("en")
    assert "Volver Expediente" in handed("es")


@pytest.mark.parametrize(
    ("page", "typed", "said"),
    [
        (
            f"{LIST}/own/new",
            {**OWN_QUESTION, "options": "", "es_options": ""},
            "Escriba al menos dos respuestas para elegir",
        ),
        (f"{LIST}/own/new", {**OWN_QUESTION, "question": ""}, "Escriba la pregunta."),
        (f"{LIST}/sections/goals", {"title": "x" * 200}, "120 caracteres como máximo; esto tiene 200."),
        (LETTER, {"en_text": "Off."}, "Texto, en inglés: Falta {when}, y quien lee lo necesita"),
        (LETTER, {"es_subject": "x" * 90}, "Asunto, en español: 80 caracteres como máximo."),
        (RECORDS, {"records_years": "41"}, "Escriba de 1 a 40 años"),
    ],
)
def test_what_is_wrong_is_said_in_spanish(owner, page, typed, said):
    answer = in_spanish(owner).submit(page, typed, form=page)

    assert answer.status_code == 422
    assert said in words_on(answer.text)


def test_what_no_longer_fits_calls_a_question_by_its_spanish_words(owner):
    refused = press(in_spanish(owner), "/shipped/breach_types/off")

    assert refused.status_code == 422
    assert english_on(refused.text, *ROOMS) == []
    assert "«¿Qué pesa más en este momento?» se apoya en la pregunta breach_types" in words_on(refused.text)


def test_a_file_that_is_no_instrument_is_refused_in_spanish_with_its_line(owner):
    answer = upload(in_spanish(owner), INSTRUMENT.replace("scale: often}", "scale: seldom}", 1))

    assert "items número 1 scale: no hay ninguna escala seldom (línea 9)" in words_on(answer.text)


def test_a_problem_is_compared_and_kept_in_english(app):
    [problem] = tailor({"sections": [], "scales": {}}, {"colours": {}}, "1").problems
    assert problem.words == "There is no kind of change called colours."
    with app.app_context(), speaking("es"):
        assert spoken(problem.words) == "No hay ningún tipo de cambio que se llame colours."


def test_what_is_published_by_whoever_reads_spanish_is_asked_in_both_languages(practice, owner):
    in_spanish(owner).submit(GOAL, {"question": "What now?", "es_question": "¿Y ahora?"})
    published = press(owner, "/publish", CHANGES, follow_redirects=True)

    assert "Publicado. A quien empiece ahora se le pregunta esto" in published.text
    with practice.app.app_context():
        edition = current_edition()
        assert read_questionnaire(edition.document).field("goal_direction").question == "What now?"
        with speaking("es"):
            assert read_questionnaire(edition.document).field("goal_direction").question == "¿Y ahora?"
