"""A whole intake in Spanish, from the first page to what a clinician reads; and that of an invited partner."""

from __future__ import annotations

import re

import pytest

from practice.intake import documents
from practice.intake.queries import codes_of, find_submitted
from practice.people import Person
from tests.support.couples import client_for_two, come_along, invite_by_mail, token_in_mail
from tests.support.intake import PARTNERS, PARTS, answer, answer_more, answer_until, part, walk_more
from tests.support.spanish import english_on, in_spanish, words_on
from tests.support.staff import desk

ROOMS = ("intake", "partners")


def looks_spanish(browser, path: str, *headings: str) -> str:
    page = browser.get(path)
    assert page.status_code == 200, f"{path} answered {page.status_code}"
    assert '<html lang="es"' in page.text
    assert english_on(page.text, *ROOMS) == [], path
    for heading in headings:
        assert heading in words_on(page.text), path
    return page.text


def test_somebody_answers_everything_in_spanish_and_clinicians_read_it_in_english(practice):
    browser = in_spanish(practice.browser())
    looks_spanish(browser, "/schedule", "Reservar una sesión", "Qué tan privado es esto")
    titles = ["Antes de empezar", "Sobre usted", "Su relación", "Dónde se dañó la confianza", "Lo que usted espera",
              "Cosas prácticas", "Solo para usted"]  # fmt: skip
    for number, title in enumerate(titles, start=1):
        looks_spanish(browser, part(number), title, f"Parte {number} de 7.")
        assert answer(browser, number).status_code == 302
    looks_spanish(browser, "/intake/support", "Llame o envíe un mensaje de texto al 988")
    checked = looks_spanish(browser, "/intake/check", "Revise sus respuestas", "Mi confianza fue dañada")
    assert "Nueva York" in checked
    assert browser.submit("/intake/check").status_code == 302
    looks_spanish(browser, "/intake/times", "Elegir una hora")

    walk_more(browser, PARTNERS)
    looks_spanish(browser, "/intake/more/check", "Enviado antes", "Solo para mi terapeuta")
    assert browser.submit("/intake/more/check").status_code == 302

    with practice.app.app_context():
        person = documents.db.session.scalars(documents.select(Person).order_by(Person.id.desc())).first()
        intake = find_submitted(person)
        assert person.language == "es"
        assert intake.completed_at is not None
        codes = codes_of(intake)
        assert (codes["trust_role"], codes["attending"], codes["lean"]) == ("hurt", "couple", "3")
        reference = intake.reference
    read = desk(practice, "clinician").get(f"/staff/intakes/{reference}").text
    assert "My trust was hurt" in read
    assert "Mi confianza fue dañada" not in read


def test_whoever_is_invited_answers_in_spanish(practice, mailer):
    inviter = practice.browser(client_for_two(practice))
    invite_by_mail(inviter)
    token = token_in_mail(practice, mailer)
    guest = in_spanish(practice.browser())
    looks_spanish(guest, f"/join/{token}", "Qué es privado")
    looks_spanish(guest, f"/join/{token}/you", "Sobre usted", "¿Tiene usted 18 años o más?")
    assert come_along(guest, token).status_code == 302
    where = guest.get("/intake/more").location
    seen = []
    while where.startswith("/intake/more-"):
        looks_spanish(guest, where)
        seen.append(re.search(r"<h1>(.*?)</h1>", guest.get(where).text)[1])
        assert answer_more(guest, where, PARTNERS).status_code == 302
        where = guest.get("/intake/more").location
    assert seen[:2] == ["Antes de empezar", "Solo para usted"]
    assert "Dónde se dañó la confianza, continuación" in seen
    looks_spanish(guest, where, "Revise sus respuestas")
    assert guest.submit(where).status_code == 302


def test_mistakes_are_told_in_spanish_beside_what_was_typed(practice):
    browser = in_spanish(practice.browser())
    answer_until(browser, 1)
    refused = browser.submit(part(2), {"preferred_name": "", "email": "robin", "code": "ab", "code_again": "cd"})
    assert refused.status_code == 422
    assert english_on(refused.text, *ROOMS) == []
    said = words_on(refused.text)
    for words in (
        "Díganos cómo llamarle.",
        "Escriba la dirección de correo electrónico completa",
        "Elija un código de al menos",
        "Los dos códigos son distintos.",
        "Elija al menos una manera de comunicarnos con usted.",
        "Elija una respuesta a «¿Podría alguien más ver sus mensajes o su teléfono?»",
    ):
        assert words in said
    assert 'value="robin"' in refused.text


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("typed", ["x" * 81, "Ro\u202ebin"])
def test_a_question_is_named_whole_or_without_both_of_its_marks(practice, typed):
    browser = in_spanish(practice.browser())
    answer_until(browser, 1)
    said = words_on(browser.submit(part(2), {"preferred_name": typed}).text)

    assert "«Cómo quiere que le llamemos»" in said


@pytest.mark.databases("sqlite")
def test_switching_the_language_in_the_middle_keeps_everything_that_was_saved(practice):
    browser = practice.browser()
    answer_until(browser, 4)
    english = browser.get(part(4)).text
    spanish = browser.get(f"{part(4)}?lang=es").text
    assert "My trust was hurt" in english
    assert "Mi confianza fue dañada" in spanish
    for page in (english, spanish):
        assert re.search(r'value="hurt"[^>]* checked|checked[^>]* value="hurt"', page)
    assert browser.submit(part(4), {"trust_role": "both"}).status_code == 302
    assert "Both of us, in different ways" in browser.get("/intake/part-4?lang=en").text


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/intake/later", "En otro momento, entonces"),
        ("/intake/lines", "Aquí no podemos atenderte, pero otras personas sí"),
        ("/intake/lines?in=GB", "Llame al 0800 1111"),
        ("/intake/places", "Quizá no podamos trabajar donde usted estará"),
        ("/leave", "Salir de esta página"),
        ("/join", "Le dieron un código"),
    ],
)
def test_the_pages_beside_the_questions_are_spanish(practice, path, heading):
    looks_spanish(in_spanish(practice.browser()), path, heading)


@pytest.mark.databases("sqlite")
def test_where_a_stop_ends_the_way_it_says_so_in_spanish(practice):
    browser = in_spanish(practice.browser())
    young = browser.submit(part(1), {**PARTS[1], "age_18_plus": "no"}, follow_redirects=True)
    assert "Aquí no podemos atenderte" in young.text
    assert english_on(young.text, *ROOMS) == []
