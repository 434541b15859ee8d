"""The schedule and the numbers in Spanish: each page with something on it, what is refused, pictures and files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from practice.booking.lifecycle import Trigger
from practice.calendars.caldav.models import CalendarQuestion
from practice.database import db
from practice.people import Person
from tests.support import counted
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, MONDAY_TEN, START
from tests.support.fake_calendars import connect_fake
from tests.support.offers import (
    ADA,
    IN_PERSON,
    add_room,
    block,
    change_offering,
    change_therapist,
    confirmed,
    keep_for,
    mark,
    offered_to,
    resource_of,
    wish,
    work_in,
)
from tests.support.own_calendars import add_calendar, hours
from tests.support.spanish import english_on, in_spanish
from tests.support.staff import desk
from tests.support.story import Practice

pytestmark = pytest.mark.databases("sqlite")  # words alone

SCHEDULE, NUMBERS = "/staff/schedule/", "/staff/numbers/"
ROOMS = ("common", "desk", "schedule", "numbers", "times", "waiting", "appointments", "papers", "rights")
LETTER = re.compile(r"<blockquote.*?</blockquote>", re.DOTALL)  # in the language of whoever gets it
DAY = timedelta(days=1)
MONDAY = "from=2027-05-10"
OFFER = f"{ADA}/couple-50"
NEW = {"first_name": "Zuzanna", "email": "zuzanna@mail.example", "region": "US-CA", "paying": "link", "until": "24h"}


def spanish(browser: Browser, path: str, *expected: str) -> str:
    """The page, which has these words and no English of ours, in its title neither."""
    page = in_spanish(browser).get(path)
    assert page.status_code == 200, path
    return checked(page.text, *expected)


def checked(page: str, *expected: str) -> str:
    assert '<html lang="es">' in page
    text = " ".join(page.split())
    for words in expected:
        assert words in text
    title = page.partition("<title>")[2].partition("</title>")[0]
    page = LETTER.sub("", page)
    assert english_on(page, *ROOMS) == english_on(title, *ROOMS) == []
    return text


@pytest.fixture
def owner(practice: Practice) -> Browser:
    return desk(practice, "owner")


def session(practice: Practice, **changes: object) -> str:
    """The page of a session that stands."""
    if changes:
        change_offering(practice, **changes)
    return f"{SCHEDULE}sessions/{confirmed(practice, MONDAY_NINE).reference}"


def late(practice: Practice, **changes: object) -> str:
    """The same, once it is too late to cancel it for nothing."""
    path = session(practice, **changes)
    practice.clock.set(MONDAY_NINE - timedelta(hours=20))
    return path


def over(practice: Practice) -> str:
    path = session(practice)
    practice.clock.set(MONDAY_TEN + timedelta(hours=1))
    return path


def marked(practice: Practice) -> str:
    held = confirmed(practice, MONDAY_NINE)
    practice.clock.set(MONDAY_TEN + timedelta(hours=1))
    mark(practice, held, Trigger.NO_SHOW)
    return f"{SCHEDULE}sessions/{held.reference}"


def held(practice: Practice) -> str:
    return f"{SCHEDULE}sessions/{practice.hold(MONDAY_NINE).reference}"


def kept(practice: Practice) -> str:
    return f"{SCHEDULE}sessions/{keep_for(practice, practice.new_client(), MONDAY_NINE).reference}"


def calendar_question(practice: Practice) -> str:
    """Ada drags the entry of her only session in her own calendar two hours on."""
    fake = connect_fake(practice)
    confirmed(practice, MONDAY_NINE)
    practice.work_until_idle()
    [(href, stored)] = fake.objects.items()
    fake.store(href, stored.content.replace(b"20270510T13", b"20270510T15"))
    practice.clock.advance(minutes=16)
    practice.work_until_idle()
    with practice.app.app_context():
        return f"{SCHEDULE}calendar/{db.session.scalars(select(CalendarQuestion.reference)).one()}"


def a_full_week(practice: Practice) -> None:
    """Sessions, holds, blocked and busy times, a room, a holiday, and somebody who takes no more bookings."""
    add_room(practice, "Quince")
    change_therapist(practice, holiday_region="US-NY")
    confirmed(practice, MONDAY_NINE)
    practice.hold(MONDAY_NINE + timedelta(hours=2))
    keep_for(practice, practice.new_client(), MONDAY_NINE + timedelta(hours=4))
    block(practice, resource_of(practice), MONDAY_NINE + timedelta(hours=5))
    add_calendar(practice, [hours(MONDAY_NINE + timedelta(hours=6))], name="Familia")
    confirmed(practice, MONDAY_NINE + DAY, offering=IN_PERSON)


def waiting_line(practice: Practice) -> str:
    """Two who wait, to one of whom a time is offered; the reference of the first wish."""
    first, second = practice.new_client(), practice.new_client()
    gone = confirmed(practice, MONDAY_NINE)
    reference = wish(practice, first)
    wish(practice, second, weekdays=(0, 5), language="English")
    desk(practice, "coordinator").submit(f"{SCHEDULE}sessions/{gone.reference}", form="cancel")
    assert offered_to(practice, first) is not None
    return reference


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"{SCHEDULE}?therapist={ADA}&{MONDAY}", ["Abierto: de 9 a.m. a 5 p.m.", ">9:00</time> a <time", "Video"]),
        (
            f"{SCHEDULE}?therapist={ADA}&from=2027-05-31",
            ["Día festivo, Día de los Caídos", "Sin horario este día de la semana"],
        ),
        (f"{SCHEDULE}?therapist=all&{MONDAY}", ["Todos: del lunes 10 de mayo al domingo 16 de mayo", "Hora ocupada"]),
        (f"{SCHEDULE}explain?therapist={ADA}&offering=couple-50&day=2027-05-10", ["hora apartada b_", "No está libre"]),
        (f"{SCHEDULE}explain?therapist={ADA}&offering=couple-50&day=2027-05-16", ["sin horario este día"]),
        (f"{SCHEDULE}explain?therapist={ADA}&offering=couple-50&day=2027-05-05", ["la antelación es de 24 horas"]),
        (f"{SCHEDULE}explain?therapist={ADA}&offering=couple-50&day=2027-08-10", ["el plazo máximo es de 60 días"]),
        (f"{SCHEDULE}block?therapist={ADA}", ["Bloquear tiempo", "Hasta"]),
        (f"{SCHEDULE}book/?offer={OFFER}&day=2027-05-10", ["Libre el lunes 10 de mayo", "cinco en cinco minutos"]),
        (f"{SCHEDULE}book/?offer={OFFER}&day=2027-05-16", ["Ver por qué."]),
        (f"{SCHEDULE}book/?offer={OFFER}&start={MONDAY_NINE:%Y-%m-%dT%H:%MZ}", ["Carolina del Norte", "no está libre"]),
        (f"{SCHEDULE}collisions/", ["Ninguna por ahora."]),
        (f"{SCHEDULE}calendar/", ["Nada espera respuesta."]),
        (f"{SCHEDULE}waiting", ["Nadie espera."]),
    ],
)
def test_the_schedule(practice: Practice, owner: Browser, path: str, said: list[str]) -> None:
    a_full_week(practice)

    spanish(owner, path, *said)


@pytest.mark.parametrize(
    ("story", "below", "said"),
    [
        (session, "", ["Según la regla se devuelve todo, $160", "Cómo empieza", "Hora elegida"]),
        (session, "/move", ["Otra hora para", "Libre el lunes 10 de mayo"]),
        (session, "/call-off", ["Todo lo pagado, <b>$160</b>"]),
        (late, "", ["Según la regla no se devuelve nada de $160: es tarde."]),
        (lambda practice: late(practice, late_waiver=True), "", ["su única cancelación tardía gratuita"]),
        (lambda practice: session(practice, price_minor=0), "", ["Según la regla no se debe nada: era sin costo."]),
        (over, "", ["¿Vino?", "Según la regla no se devuelve nada: ya empezó."]),
        (marked, "", ["No vino", "Corregir la asistencia"]),
        (held, "", ["Se está pagando; apartada hasta: <time", "A la espera de la persona"]),
        (kept, "", ["Apartada hasta: <time", "sin pagar"]),
        (kept, "/move", ["No se puede cambiar de hora: solo se puede una sesión confirmada."]),
        (calendar_question, "", ["En el calendario propio de Ada Lindqvist empieza el <b>", "¿Qué se quiso hacer?"]),
    ],
)
def test_one_session(practice: Practice, story: Callable[[Practice], str], below: str, said: list[str]) -> None:
    path = story(practice)

    spanish(desk(practice, "owner"), path + below, *said)


def test_what_was_moved_outside_stands_in_the_list_and_on_today(practice: Practice) -> None:
    calendar_question(practice)
    owner = desk(practice, "owner")

    spanish(owner, f"{SCHEDULE}calendar/", "Ada Lindqvist: movida al <time")
    assert "1 sesión se movió o se borró" in owner.get("/staff/").text


def test_what_collides(practice: Practice, owner: Browser) -> None:
    confirmed(practice, MONDAY_TEN)
    add_calendar(practice, [hours(MONDAY_TEN, 30)], name="Familia")

    spanish(owner, f"{SCHEDULE}collisions/", "Hora ocupada en «Familia»: de <time", "10:30 a.m.</time>.")
    assert "1 sesión coincide con una hora ocupada" in owner.get("/staff/").text
    left = owner.submit(f"{SCHEDULE}collisions/", form="/leave", follow_redirects=True)
    assert "Se deja como está." in checked(left.text)


def test_the_waiting_list_and_a_wish_on_it(practice: Practice, owner: Browser) -> None:
    reference = waiting_line(practice)

    spanish(
        owner,
        f"{SCHEDULE}waiting",
        "con cualquiera",
        "Lunes, sábados, a cualquier hora. Desde el miércoles 5 de mayo",
        "apartada hasta el",
    )
    spanish(owner, f"{SCHEDULE}waiting/{reference}", "¿Quitar a ", "cualquier día, a cualquier hora")


def test_blocked_time(practice: Practice, owner: Browser) -> None:
    reference = block(practice, resource_of(practice), MONDAY_TEN)

    spanish(owner, f"{SCHEDULE}blocks/{reference}", "¿Abrir de nuevo este tiempo?", "Abrirlo")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"opens": "10:02"}, "Elija una hora de cinco en cinco minutos"),
        ({"closes": "09:00"}, "Debe terminar después de empezar"),
        ({"day": "2027-05-01"}, "Este tiempo no se puede bloquear"),
        ({"day": ""}, "Elija una fecha."),
        ({"day": "the tenth"}, "fecha"),
        ({"opens": "09:00"}, "Algo lo impide"),
    ],
)
def test_time_that_cannot_be_blocked(practice: Practice, owner: Browser, typed: dict[str, str], said: str) -> None:
    confirmed(practice, MONDAY_NINE)
    wanted = {"what": f"therapist:{ADA}", "day": "2027-05-10", "opens": "10:00", "closes": "11:00", **typed}

    answer = in_spanish(owner).submit(f"{SCHEDULE}block", wanted)

    assert answer.status_code in (409, 422)
    assert said in checked(answer.text)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Ada Lindqvist no tiene licencia en este lugar: California. Sí la tiene Noor Haddad."),
        ({"region": "US-HI"}, "Nadie de aquí que ofrezca esto tiene licencia en este lugar: Hawái."),
        ({"first_name": ""}, "Escriba un nombre."),
        ({"amount": "a lot"}, "Escriba la tarifa como 160 o 172.50"),
        ({"amount": "-1"}, "que no sea menor que cero"),
        ({"until": ""}, "Elija hasta cuándo se aparta."),
    ],
)
def test_a_time_that_cannot_be_kept_for_somebody(owner: Browser, typed: dict[str, str], said: str) -> None:
    asked = {"offer": OFFER, "start": MONDAY_NINE.isoformat()}
    page = in_spanish(owner).get(f"{SCHEDULE}book/", query_string=asked)

    answer = owner.send_form(page, {**NEW, **typed}, form="new")

    assert answer.status_code == 422
    assert said in checked(answer.text)


def test_somebody_known_and_the_fee_that_they_pay(practice: Practice, owner: Browser) -> None:
    robin = practice.new_client()
    asked = {"offer": OFFER, "start": MONDAY_NINE.isoformat()}
    page = in_spanish(owner).get(f"{SCHEDULE}book/", query_string=asked)
    nobody = owner.send_form(page, {"email": "nobody@mail.example"}, form="known")
    assert "Nadie ha estado aquí con esta dirección." in checked(nobody.text)

    found = owner.send_form(page, {"email": robin.email}, form="known")

    said = checked(found.text)
    assert f"{robin.name} paga $160." in said
    assert "24 horas, hasta el " in said
    sent = owner.send_form(found, {"region": "US-NY"})
    assert "Va en camino una carta que lleva a ella." in owner.get(sent.location).text


def test_what_was_decided_stands_in_the_history_in_the_readers_language(practice: Practice) -> None:
    path = late(practice)
    owner = desk(practice, "owner")
    bare = in_spanish(owner).submit(path, {"decision": "all"}, form="cancel")
    assert "Diga por qué, ya que esto difiere de la regla." in checked(bare.text)

    owner.submit(path, {"decision": "all", "reason": "Un duelo"}, form="cancel")

    said = spanish(owner, path, "Cancelada; se devolvió toda la tarifa", "Un duelo")
    assert "Cancelada. Se le avisa a la persona." in said
    assert "Cancelled, all of the fee went back" in owner.get(f"{path}?lang=en").text


def test_whoever_the_desk_adds_in_spanish_is_written_to_as_before(practice: Practice, owner: Browser) -> None:
    """Which language the desk reads says nothing of the one that a client does."""
    page = in_spanish(owner).get(f"{SCHEDULE}book/", query_string={"offer": OFFER, "start": MONDAY_NINE.isoformat()})

    assert owner.send_form(page, {**NEW, "region": "US-NY"}, form="new").status_code == 302

    with practice.app.app_context():
        assert [person.language for person in db.session.scalars(select(Person))] == ["en"]


def test_what_a_client_reads_when_a_session_is_called_off_is_shown_in_their_language(practice: Practice) -> None:
    path = session(practice)
    spanish_desk, english_desk = in_spanish(desk(practice, "owner")), desk(practice, "coordinator")

    asked = spanish_desk.get(f"{path}/call-off").text
    assert '<blockquote class="flow" lang="en">' in asked
    assert "Esta carta está en inglés, el idioma en que escribimos a esta persona." in asked

    with work_in(practice) as work:
        for person in work.session.scalars(select(Person)):
            person.language = "es"
    assert '<blockquote class="flow" lang="es">' in english_desk.get(f"{path}/call-off").text


# Numbers


@pytest.fixture
def counts(practice: Practice) -> None:
    """Sixteen people asked and came: ten hope for one thing; six, whose number would give others away, for another."""
    with work_in(practice) as work:
        for number in range(16):
            sent = START - timedelta(days=60, hours=number)
            intake = counted.ask(work, sent, goal="repair" if number < 10 else "decide")
            intake.looked_at = sent + timedelta(hours=2)
            counted.come(work, intake, sent + 7 * DAY)
            counted.trust(work, intake, date(2027, 3, 10), 4 + number % 3)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            NUMBERS,
            ["Solicitudes en 26 semanas: 16; de ellas llegaron a ser sesión: 16.", "el 100 % llegó a ser sesión"],
        ),
        (f"{NUMBERS}people", ["no se muestra", "La confianza fue de 4.9 en 2027-03"]),
        (f"{NUMBERS}money", ["En estas semanas no se pagó nada ni se devolvió nada."]),
    ],
)
@pytest.mark.usefixtures("counts")
def test_numbers(owner: Browser, path: str, said: list[str]) -> None:
    page = spanish(owner, path, *said)

    if path.endswith("people"):
        assert "En 2027-Q1 la respuesta más elegida fue «" in page
    if not path.endswith("money"):
        assert 'en dibujo. La frase de arriba y la tabla de abajo dicen lo mismo."' in page


@pytest.mark.usefixtures("counts")
def test_a_picture_and_a_file_are_said_to_each_reader_in_their_own_language(practice: Practice, owner: Browser) -> None:
    """Whatever somebody else was shown a moment before, and though the addresses are the same."""
    reader = in_spanish(owner)
    english = desk(practice, "clinician")

    for _again in range(2):
        answers = [one.get(f"{NUMBERS}pulse.svg?weeks=13") for one in (reader, english)]
        assert [answer.headers["Cache-Control"] for answer in answers] == ["no-store", "no-store"]
        pictures = [answer.text for answer in answers]
        assert ["La confianza en las páginas breves" in picture for picture in pictures] == [True, False]
        assert ["Trust on the short pages" in picture for picture in pictures] == [False, True]
        assert ["mar 2027" in picture for picture in pictures] == [True, False]
        files = [file_of(one, "goals") for one in (reader, english)]
        assert [rows[0] for rows in files] == [["Respuesta", "2027-Q1"], ["Answer", "2027-Q1"]]
        assert [{row[1] for row in rows[1:]} for rows in files] == [{"10", "no se muestra"}, {"10", "not shown"}]


def file_of(browser: Browser, key: str) -> list[list[str]]:
    """The rows of a table's file, which has the same name in each language."""
    page = browser.get(f"{NUMBERS}people?weeks=13")
    answer = browser.send_form(page, form=f"{key}.csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{key}-13-weeks.csv"'
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def test_another_time_than_can_be_counted_is_refused(owner: Browser) -> None:
    answer = in_spanish(owner).get(f"{NUMBERS}?weeks=12")

    assert answer.status_code == 422
    assert "Las cifras son de las últimas 13, 26 o 52 semanas." in answer.text
