"""Open times, the waiting list and a time that is held, for somebody who reads Spanish."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from babel.messages.pofile import read_po

from practice.speaking import CATALOGUES
from tests.support.clock import MONDAY_NINE
from tests.support.offers import NOOR, change_therapist, confirmed, work_in
from tests.support.story import Client, Practice

ROOMS = ("times", "waiting", "calendars")
TIMES = "/times/ada-lindqvist?offering=couple-50"


def sentences() -> list[str]:
    """The English of these rooms, as a page would show it where somebody forgot a mark; values and markup cut away."""
    found = []
    for room in ROOMS:
        with (CATALOGUES / "es" / "LC_MESSAGES" / f"{room}.po").open("rb") as file:
            for message in read_po(file, locale="es"):
                for text in message.id if isinstance(message.id, (list, tuple)) else [message.id]:
                    found += [piece.strip() for piece in re.split(r"%\(\w+\)s|<[^>]*>", text)]
    return [piece for piece in found if len(piece.split()) >= 3]


ENGLISH = sentences()


def plain(page):
    """The words of a page, without its markup; what a reader hears in place of what is seen stands in them, too."""
    heard = " ".join(re.findall(r'(?:aria-label|data-hold-\w+)="([^"]*)"', page.text))
    body = page.text[page.text.index("<main") :].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", "", body) + " " + heard).split())


def in_spanish(page, *said):
    """Nothing of these rooms is English on it, and this is said."""
    words = plain(page)
    assert [sentence for sentence in ENGLISH if sentence in words] == []
    for one in said:
        assert one in words
    return page


@pytest.fixture
def client(practice: Practice) -> Client:
    return practice.new_client()


@pytest.fixture
def browser(practice, client):
    browser = practice.browser(client)
    browser.get("/?lang=es")  # from here on the cookie remembers it
    return browser


def test_somebody_finds_a_time_waits_for_one_and_holds_one(practice, browser):
    in_spanish(browser.get("/therapists/ada-lindqvist"), "Próxima hora libre", "Sesiones y tarifas", "Idiomas")
    page = in_spanish(
        browser.get(TIMES),
        "Horas libres con Ada Lindqvist",
        "La próxima hora libre",
        "lunes 10 de mayo, 15 horas libres",
    )
    in_spanish(
        browser.get(TIMES + "&when=evenings"), "A partir de las 5 p.m. no hay nada libre del miércoles 5 de mayo"
    )
    in_spanish(browser.get(TIMES + "&from=2027-08-01"), "De momento puede reservar hasta el domingo 4 de julio")
    in_spanish(browser.get(TIMES + "&zone=Europe/Madrid"), "Ada Lindqvist trabaja según la hora oriental")
    browser.get(TIMES + "&zone=America/New_York")

    waiting = browser.get("/waiting-list?offering=couple-50&when=mornings")
    in_spanish(waiting, "Lista de espera", "¿Qué le convendría?", "Lunes", "6 a.m.")
    refused = in_spanish(browser.send_form(waiting, {"weekdays": []}, form="/waiting-list"), "Elija al menos un día.")
    browser.send_form(refused, {"weekdays": ["0"]}, form="/waiting-list")
    in_spanish(browser.get("/waiting-list"), "con cualquier terapeuta: lunes, de 6 a.m. a 12 p.m., hora oriental.")

    practice.hold(MONDAY_NINE)
    lost = browser.send_form(page, {"start": MONDAY_NINE.isoformat()}, form="/bookings")
    in_spanish(lost, "Esa hora se acaba de tomar", "Lunes 10 de mayo, 10:00 a.m., hora oriental")
    held = browser.send_form(lost, {"start": (MONDAY_NINE + timedelta(hours=1)).isoformat()}, form="/bookings")
    kept = browser.get(held.location).text
    assert 'data-hold-five="Quedan cinco minutos.' in kept
    assert 'data-hold-one="Queda un minuto.' in kept
    assert 'data-hold-over="Esta hora ya no se le guarda.' in kept


def test_times_with_anybody_and_whom_they_saw_last(practice, client, browser):
    change_therapist(practice, NOOR, languages=["English", "Arabic"])
    confirmed(practice, MONDAY_NINE + timedelta(hours=3), client, therapist=NOOR)
    practice.clock.advance(days=6)

    in_spanish(
        browser.get("/times/any?offering=couple-50"),
        "Horas libres con cualquier terapeuta",
        "Con Ada Lindqvist o Noor Haddad. Elija una hora",
        "Con Noor Haddad, con quien tuvo su última sesión",
    )


@pytest.mark.databases("sqlite")
def test_who_may_not_book_reads_why(practice):
    elsewhere = practice.browser(practice.new_client(region="US-TX"))
    in_spanish(elsewhere.get(TIMES + "&lang=es"), "Nadie que ofrezca esta sesión tiene licencia donde usted estará.")
    near = practice.browser(practice.new_client(region="US-CA"))
    in_spanish(near.get(TIMES + "&lang=es"), "Ada Lindqvist no tiene licencia donde usted estará")
    stranger = practice.browser()
    in_spanish(stranger.get(TIMES + "&lang=es"), "Primero hay unas preguntas", "Después de unas preguntas")
    in_spanish(
        stranger.get(TIMES + "&start=20270510T130000Z"), "La hora que eligió está libre", "Todavía no se le guarda"
    )
    in_spanish(stranger.get(TIMES + "&start=20270509T130000Z"), "ya no está libre", "Estas son las más cercanas")
    in_spanish(stranger.get(TIMES + "&zone=Mars/Olympus"), "Esa zona horaria no se conoce.")


def test_the_days_of_two_languages_are_kept_apart(practice, browser):
    in_spanish(browser.get(TIMES), "lunes 10 de mayo, 9:00 a.m., hora oriental")
    english = practice.browser(practice.new_client()).get(TIMES).text

    assert "Monday 10 May, 9:00 am Eastern Time" in english
    assert "lunes" not in english


def test_an_appointment_in_a_calendar_speaks_as_letters_to_that_person_do(practice, client, browser):
    held = confirmed(practice, MONDAY_NINE, client)
    assert "SUMMARY:Appointment" in browser.get(f"/bookings/{held.reference}.ics").text

    with work_in(practice):
        practice.person(client).language = "es"

    assert "SUMMARY:Cita" in browser.get(f"/bookings/{held.reference}.ics").text
