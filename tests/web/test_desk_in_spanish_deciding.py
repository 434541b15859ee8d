"""The desk in Spanish: what is decided about requests and couples, notes, records, and who is on duty."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from practice.rights.access.redacting import Choice, Looked
from practice.rights.access.rules import Outcome
from tests.support import access, pulse
from tests.support.answering_couples import Two, books, completes, intake_of, two
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.offers import COUPLE, confirmed, work_in
from tests.support.spanish import english_on, in_spanish, words_on
from tests.support.staff import desk, hire, sign_in
from tests.support.story import Practice

pytestmark = pytest.mark.databases("sqlite")  # words alone
ROOMS = ("common", "deciding", "notes", "records")


@pytest.fixture
def couple(practice: Practice) -> Two:
    """Two who differ, with flags of one and of both, and a session to come."""
    found = two(practice, {"control": "often", "self_harm": "plan"}, {"goal_direction": "separate_well"})
    confirmed(practice, MONDAY_NINE, found.one, offering=COUPLE)
    return found


@pytest.fixture
def browser(practice: Practice) -> Browser:
    return in_spanish(desk(practice, "clinician"))


def read(browser: Browser, path: str, *expected: str) -> str:
    """The page in Spanish, which has these words and no English of its rooms."""
    answer = browser.get(path)
    assert answer.status_code == 200, path
    assert '<html lang="es">' in answer.text
    return said(answer.text, *expected)


def said(page: str, *expected: str) -> str:
    for words in expected:
        assert words in words_on(page), words_on(page)
    assert english_on(page, *ROOMS) == []
    return page


def link(page: str, holds: str) -> str:
    """The address of the first link that has this in it."""
    found = re.search(rf'href="([^"]*{holds}[^"#]*)"', page)
    assert found is not None, holds
    return found[1]


def form_with(page: str, holds: str) -> str:
    found = re.search(rf'action="([^"]*{holds})"', page)
    assert found is not None
    return found[1]


def token_on(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("", "Lo que dice Robin"),
        ("/ask", "Pedir algo a Robin"),
        ("/call", "Ofrecer a Robin una llamada a solas"),
        ("/accept-for", "¿Qué puede reservar Robin?"),
        ("/decline", "¿No aceptar la solicitud de Robin?"),
    ],
)
def test_a_request_and_each_way_to_go_on_with_it(
    practice: Practice, couple: Two, browser: Browser, step: str, expected: str
) -> None:
    read(browser, f"/staff/intakes/{intake_of(practice, couple.one)}{step}", expected)


@pytest.mark.parametrize("answers", ["", "/just-for-you"])
def test_answers_that_are_corrected_because_somebody_asked(
    practice: Practice, couple: Two, browser: Browser, answers: str
) -> None:
    path = f"/staff/intakes/{intake_of(practice, couple.one)}{answers}"
    page = link(browser.get(path).text, f"{path}/correct/")
    read(browser, page, "Estas son las respuestas de Robin", "Cambie lo que la persona le pidió cambiar")


def test_two_side_by_side_their_flags_and_a_session_that_is_called_off(
    practice: Practice, couple: Two, browser: Browser
) -> None:
    page_of = f"/staff/couples/{couple.reference}"
    read(browser, "/staff/couples", "Robin y Kim", "Tiempo conjunto:")
    page = read(browser, page_of, "Robin y Kim", "Una junto a otra", "Lo que cada quien puede saber de la otra persona")
    read(browser, link(page, "/flags/"), "¿Dar por vista esta señal de ", "En cuanto se responda otra cosa")
    read(browser, link(page, f"{page_of}/sessions/"), "¿Cancelar esta sesión", "Se muestra en inglés. Cada una de")

    kept = browser.submit(page_of, {"reason": "Both are at ease."}, form="/clear", follow_redirects=True)

    said(kept.text, "Aprobado por clinician-desk@practice.example")
    assert "Aprobado. Termina por sí solo" in kept.text


def test_steps_that_were_taken_are_told(practice: Practice, couple: Two, browser: Browser) -> None:
    path = f"/staff/intakes/{intake_of(practice, couple.one)}"
    asked = browser.submit(f"{path}/ask", {"fields": ["access_needs"], "question": "?"}, follow_redirects=True)
    assert "Pregunta enviada." in asked.text
    said(asked.text, "Se pidió algo", "Retirar la pregunta")
    called = browser.submit(f"{path}/call", {"way": "kept"}, follow_redirects=True)
    said(called.text, "Se ofreció una llamada a solas", "Elijo yo una hora y la aparto para la persona")


def test_who_is_on_duty(practice: Practice, browser: Browser) -> None:
    read(browser, "/staff/duty", "No se ha nombrado a nadie", "Cuándo está abierta la recepción")
    noor = hire(practice, "clinician", email="noor@practice.example").actor.removeprefix("staff:")
    browser.submit("/staff/duty", {"account": noor}, form="/dates")
    page = read(browser, "/staff/duty", "noor@practice.example está de guardia", "desde el miércoles 5 de mayo")
    browser.post(form_with(page, "/end"), data={"csrf_token": token_on(page)})
    browser.submit("/staff/duty", {"day_2": noor}, form="/week")
    browser.submit("/staff/duty", {"day_2": ""}, form="/week")
    read(browser, "/staff/duty", "Quién estuvo de guardia antes", "todos los miércoles; lo puso clinician-desk")


def test_who_wishes_to_be_called(practice: Practice, browser: Browser) -> None:
    read(browser, "/staff/calls", "Nadie, por el momento.")
    client = books(practice)
    completes(practice, client)
    first = pulse.begin(practice, client)
    practice.clock.set(pulse.due(practice, client, first) + timedelta(minutes=1))
    pulse.answer(practice, client, first, pulse_alone="yes")
    later = in_spanish(desk(practice, "clinician", therapist="noor-haddad"))
    read(later, "/staff/calls", "Robin", "Ya hablamos con Robin")


def test_notes(practice: Practice, couple: Two, browser: Browser) -> None:
    of_one, of_two = f"/staff/notes/people/{couple.one.reference}", f"/staff/notes/couples/{couple.reference}"
    read(browser, of_one, "Notas sobre Robin", "Escribir una nota")
    read(browser, of_two, "Notas sobre Robin y Kim", "Se cifra con las claves de ambas personas")
    draft = str(browser.submit(of_one, {"text": "First", "then": "keep"}, form=of_one).location)
    browser.submit(draft, {"text": "Second", "then": "keep"}, form=draft)
    read(browser, draft, "Nota sobre Robin", "Guardada 2 veces", "Borrador")
    read(browser, "/staff/notes/", "Sus borradores", "hace menos de una hora")
    browser.submit(draft, {"text": "Second", "then": "sign"}, form=draft)
    browser.submit(draft, {"text": "More"}, form="/addenda")
    read(browser, draft, "Firmada", "Añadido de clinician-desk@practice.example, firmado el")


def test_a_request_for_a_record_until_it_is_handed_over(practice: Practice, couple: Two) -> None:
    clinician = hire(practice, "clinician", email="clinician-desk@practice.example")
    browser = in_spanish(sign_in(practice, clinician))
    about = f"/staff/notes/people/{couple.one.reference}"
    browser.submit(about, {"text": "Kim drinks.", "then": "sign"}, form=about)
    entering = f"/staff/data/{couple.one.reference}/access"
    read(browser, entering, "Robin pide el expediente completo", "Vence 30 días después")
    refused = browser.submit(entering, {"way": "letter", "arrived": "2030-01-01"}, form=entering)
    assert refused.status_code == 422
    said(refused.text, "Escriba el día en que llegó: hoy, o hace un año como máximo.")
    request = str(browser.submit(entering, {"way": "letter", "arrived": "2027-05-04"}, form=entering).location)
    read(browser, request, "Por carta o por correo electrónico", "¿Cómo sabe usted que es esa persona quien lo pide?")
    read(browser, entering, "Ya hay una solicitud suya en espera")
    browser.submit(request, {"how": "call"}, form="/identity")
    review = read(browser, f"{request}/review/1", "Nota de clinician-desk@practice.example,", "Sin revisar todavía")
    [key, *_] = re.findall(r'name="marked_([0-9a-f]+)"', review)
    wrong = browser.submit(
        f"{request}/review/1", {f"choice_{key}": "passages", f"marked_{key}": "[[Kim]] sleeps."}, form="/review/1"
    )
    assert wrong.status_code == 422
    said(wrong.text, "las palabras después de «…Kim » no son las que se escribieron.")
    read(browser, f"{request}/preview", "Lo que se entregaría a Robin", "Antes de eso no se puede entregar nada.")
    with work_in(practice):
        practice.person(couple.one).language = "es"
    reference = request.rpartition("/")[2]
    access.look(practice, reference, {"Kim drinks": Looked(Choice.PASSAGES, "[[Kim]] drinks.")})
    access.hand_over(practice, reference, Outcome.PARTS)
    read(browser, request, "Se entregó sin lo marcado", "Por una llamada al número que conocemos")
    read(browser, f"{request}/preview", "Lo que se entregó a Robin", "[omitido] drinks.")


def test_what_is_handed_over_is_in_the_language_of_our_letters_to_its_person(
    practice: Practice, couple: Two, browser: Browser
) -> None:
    reference = access.ask(practice, couple.one)
    access.check(practice, reference)
    page = browser.get(f"/staff/data/access/{reference}/preview").text
    assert "en el idioma de nuestras cartas a la persona (English)" in words_on(page)
    with work_in(practice):
        practice.person(couple.one).language = "es"
    assert "el idioma de nuestras cartas" not in browser.get(f"/staff/data/access/{reference}/preview").text


@pytest.mark.parametrize(
    ("path", "form", "typed", "expected"),
    [
        ("{request}/ask", "/ask", {"question": ""}, "Todavía no se preguntó nada: Elija al menos una pregunta"),
        ("{request}/call", "/call", {"way": ""}, "Elija cómo se acuerda la llamada."),
        ("{request}/accept-for", "/accept-for", {"therapists": None}, "Elija al menos un terapeuta."),
        ("{notes}", "/notes/", {"text": " "}, "Primero escriba algo."),
        ("/staff/duty", "/dates", {"last": "2020-01-01"}, "Estas fechas no forman un turno."),
    ],
)
def test_what_is_typed_wrong_is_named_in_spanish(
    practice: Practice, couple: Two, browser: Browser, path: str, form: str, typed: dict[str, str], expected: str
) -> None:
    request = f"/staff/intakes/{intake_of(practice, couple.one)}"
    where = path.format(request=request, notes=f"/staff/notes/people/{couple.one.reference}")
    answer = browser.submit(where, typed, form=form)
    assert answer.status_code == 422
    said(answer.text, expected)
