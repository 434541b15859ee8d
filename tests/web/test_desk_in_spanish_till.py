"""The desk's pages for money and for therapists' own calendars in Spanish: nothing of their English is left."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from practice.calendars.caldav import words
from practice.calendars.caldav.models import AccountState, CalendarAccount
from practice.calendars.models import Detail, Feed
from practice.calendars.reading import addresses, fetching, guard, linting, looking, outcome
from practice.calendars.reading.words import say
from practice.papers.actions import destroy_document
from practice.papers.kinds import Kind
from practice.payments import bookkeeping
from practice.payments.models import StripeEvent
from practice.people import forget_person
from practice.speaking import speaking
from tests.support.browsing import Browser
from tests.support.calendar_servers import Event, calendar
from tests.support.clock import MONDAY_NINE
from tests.support.fake_calendars import connect_fake
from tests.support.fake_payments import FakePayments
from tests.support.fees import FeeDesk
from tests.support.offers import ADA, work_in
from tests.support.papers import about, diagnose, introduce, make, register
from tests.support.paying import Till
from tests.support.prices import add_step, give_withdrawal, put_on_step, set_price
from tests.support.readings import away, fake_source, poll, read_from, read_here
from tests.support.spanish import english_on, in_spanish
from tests.support.staff import desk
from tests.support.story import Held, Practice

pytestmark = pytest.mark.databases("sqlite")  # words alone
ROOMS = ("common", "desk", "till", "papers", "payments", "calendar_sources")
DOCUMENT = re.compile(r'<article class="paper".*?</article>', re.DOTALL)  # in its client's language
MONEY, DOCUMENTS, CALENDAR = "/staff/money", "/staff/documents", "/staff/calendar"
PHONE = {"name": "Teléfono", "detail": "initials"}
FAULTS = [  # as they are kept, and what of it stays the same in Spanish
    (addresses.NOT_PUBLIC, ""),
    (linting.TOO_MANY_EVENTS, "5,000"),
    (linting.TOO_MANY_ZONES, "200"),
    (fetching.OTHER_STATUS % {"status": 418}, "418"),
    (outcome.counted(outcome.NOT_WORKED_OUT, 1), "1 evento que se repite"),
    (outcome.counted(outcome.NOT_WORKED_OUT, 1200), "1,200 eventos que se repiten"),
    (outcome.counted(outcome.NO_TIME, 1), "1 evento no tiene"),
    (outcome.counted(outcome.NO_TIME, 2), "2 eventos no tienen"),
    (outcome.UNKNOWN_ZONE % {"zone": "Narnia 100%", "own": "America/New_York"}, "«Narnia 100%»"),
    (guard.TOO_MUCH_WORK, ""),
    (words.LEAVING, ""),
]


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def missed(till: Till) -> Held:
    """A session that nobody came to, of somebody who agreed to a fee."""
    fees = FeeDesk(till)
    held = fees.book(MONDAY_NINE)
    fees.miss(held)
    return held


@pytest.fixture
def paid(practice: Practice, till: Till) -> Held:
    """A session that is paid, of somebody with a diagnosis."""
    register(practice)
    held = introduce(practice, practice.hold(MONDAY_NINE + timedelta(days=7)))
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    diagnose(practice, held, "F43.23")
    return held


@pytest.fixture
def owner(practice: Practice) -> Browser:
    return in_spanish(desk(practice, "owner"))


def spanish(browser: Browser, path: str, *expected: str) -> None:
    """The page has these words and no English of ours."""
    page = browser.get(path)
    assert page.status_code == 200
    assert '<html lang="es">' in page.text
    text = " ".join(page.text.split())
    assert [words for words in expected if words not in text] == []
    assert english_on(DOCUMENT.sub("", page.text), *ROOMS) == []


def test_a_missed_session_and_its_fee(practice: Practice, missed: Held, owner: Browser) -> None:
    of_it = f"{MONEY}/{missed.reference}"

    spanish(owner, of_it, "</time></a> con Ada Lindqvist", "Devolver dinero", f"Referencia {missed.reference}")
    spanish(owner, f"{of_it}/fee", "aceptó $200 como máximo, el", "hasta <b>$40</b>")
    spanish(owner, f"{of_it}/spare", "Esto no se puede deshacer.")
    spanish(owner, f"{MONEY}/fees", "Un cliente nos deja guardar una tarjeta.", "Por ejemplo, 80 u 80.50")

    page = owner.get(of_it)
    refused = owner.send_form(page, {"amount": "un poco", "reason": ""}, form="/give-back")
    assert refused.status_code == 422
    assert "Escriba el importe como 160 o 172.50" in refused.text
    assert "Diga por qué, en pocas palabras." in refused.text
    assert english_on(refused.text, *ROOMS) == []


def test_what_waits_for_a_person(
    practice: Practice, till: Till, payments: FakePayments, paid: Held, owner: Browser
) -> None:
    payments.dispute(till.attempt(paid).payment or "")
    odd = practice.hold(MONDAY_NINE)
    session = till.pay(odd)
    payments.sessions[session.id] = replace(payments.sessions[session.id], amount_minor=90_00)
    till.deliver()
    practice.work_until_idle()
    with work_in(practice) as work:
        stray = {"kind": "checkout.session.completed", "attempt": "pa_unknown", "stray": True}
        work.session.add(StripeEvent(id="evt_1", **stray, happened_at=work.now, received_at=work.now))

    spanish(
        owner,
        f"{MONEY}/",
        "Mayo de 2027",
        "Un pago que no es lo que se pidió, $90",
        "El importe pagado es distinto del que pedimos.",
        "Un pago que un banco reclama, $160",
        "se puede responder en el servicio de pagos hasta el",
        "Un pago que no conocemos",
    )
    spanish(owner, f"{MONEY}/{paid.reference}", "Un banco reclama $160: se puede responder en el servicio de pagos")
    quarantined = f"{MONEY}/quarantined/{till.attempt(odd).reference}"
    spanish(owner, f"{quarantined}/return", "Devolverlo todo", "$90 de ", "Reserva <a")
    spanish(owner, f"{quarantined}/by-hand", "Resuelto a mano")


def test_prices(practice: Practice, owner: Browser) -> None:
    robin, step = practice.new_client(), add_step(practice)
    spanish(owner, f"{MONEY}/prices/{robin.reference}", "Hoy no está en ningún escalón de la escala.")
    put_on_step(practice, robin, step)
    set_price(practice, robin, 0)
    give_withdrawal(practice)

    spanish(owner, f"{MONEY}/prices/", "1 precio fijado", "Reduced, 60 %", "puede desistir durante 14 días")
    own = ("escalón Reduced, 60 %.", "sin costo, desde el 5 de mayo de 2027", "fijado para esta persona; $160")
    spanish(owner, f"{MONEY}/prices/{robin.reference}", *own)
    refused = owner.submit(f"{MONEY}/prices/", {"name": "", "share": "mucho"})
    assert "Póngale un nombre." in refused.text
    assert "Escriba la parte en porcentaje, como 80 o 62.5, de 0 a 100." in refused.text


def test_taxes(practice: Practice, payments: FakePayments, paid: Held, owner: Browser) -> None:
    spanish(owner, f"{MONEY}/taxes", "No se movió nada en este período.")
    practice.clock.advance(minutes=1)
    payments.balance.pay_out()
    with practice.app.app_context():
        bookkeeping.read()

    spanish(owner, f"{MONEY}/taxes", "Sus líneas cuadran.", "Comisiones", "Leído del servicio de pagos el")
    answer = owner.get(f"{MONEY}/taxes.csv?period=2027-05")
    assert answer.text.startswith("number,date,kind,")  # the file is for programs
    assert ",charge," in answer.text


def test_documents_stay_in_their_clients_language(practice: Practice, till: Till, paid: Held, owner: Browser) -> None:
    with practice.app.test_request_context("/?lang=es"), speaking("es"):
        number = make(practice, paid, Kind.RECEIPT, about(till, paid))
    listed = f"{DOCUMENTS}/{paid.reference}"

    spanish(owner, listed, "Documentos de", f"Recibo {number}", "(vigente)", "Pago de $160")
    path = re.search(rf'href="({listed}/[^"]+)"', owner.get(listed).text)
    assert path
    spanish(owner, path[1], f"<h1>Documento {number}</h1>", "Descargar en PDF", 'lang="en"', "Received from")
    ada = in_spanish(desk(practice, "therapist", therapist=ADA))
    refused = ada.submit(listed, {"code": "triste"}, form="/diagnosis")
    assert refused.status_code == 422
    assert "Escriba el código como F43.23" in refused.text

    with work_in(practice) as work:
        forget_person(work, practice.person(paid.payer))
        destroy_document(work, "worker", path[1].rpartition("/")[2])
    spanish(owner, path[1], "Queda lo que la contabilidad necesita.", "5 de mayo de 2027")


# Calendars


@pytest.fixture
def ada(practice: Practice) -> Browser:
    return in_spanish(desk(practice, "owner", "therapist", therapist=ADA))


def test_feeds(practice: Practice, ada: Browser) -> None:
    made = ada.submit(CALENDAR, PHONE)
    assert "Cópiela ahora" in made.text
    assert "Quien la tenga puede leer cuándo trabaja usted, y con quién" in made.text
    assert english_on(made.text, *ROOMS) == []
    with work_in(practice) as work:
        feed = work.session.query(Feed).one()
        reference, detail = feed.reference, feed.detail
    assert detail is Detail.INITIALS

    spanish(ada, CALENDAR, "Las iniciales de quien viene", "Ningún calendario la ha leído todavía.")
    spanish(ada, f"{CALENDAR}/practice", "Las sesiones de todo el consultorio en un calendario")
    spanish(ada, f"{CALENDAR}/feeds/{reference}", "Todavía no", "Antes de elegir iniciales o nombres")
    refused = ada.submit(CALENDAR, {**PHONE, "name": ""})
    assert refused.status_code == 422
    assert "Escriba dónde se lee este calendario, como Teléfono." in refused.text


@pytest.mark.parametrize("state", list(AccountState))
def test_connections(practice: Practice, ada: Browser, state: AccountState) -> None:
    connect_fake(practice)
    with work_in(practice) as work:
        account = work.session.query(CalendarAccount).one()
        account.state, reference = state, account.reference
    of_it = f"{CALENDAR}/account/{reference}"

    spanish(ada, f"{CALENDAR}/account/", "Funcionó por última vez el", "contraseña de aplicación")
    spanish(ada, of_it, "Servidor")
    spanish(ada, f"{of_it}/disconnect", "¿Desconectar este calendario?", "Dejarlas donde están")


def test_a_connection_that_is_refused(practice: Practice, ada: Browser) -> None:
    connect_fake(practice)
    typed = {"provider": "other", "address": "calendar.example", "user_name": "ada", "password": "otra"}
    refused = ada.submit(f"{CALENDAR}/account/", typed)

    assert refused.status_code == 422
    assert "Cree una nueva contraseña de aplicación." in refused.text
    assert english_on(refused.text, *ROOMS) == []


def test_what_reading_a_calendar_ran_into(practice: Practice, ada: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "read_guarded", read_here)
    once = calendar(Event(MONDAY_NINE, MONDAY_NINE + timedelta(days=2)))
    odd = once.replace(b"END:VEVENT", b"RRULE:FREQ=SECONDLY\r\nEND:VEVENT")
    fake_source(practice, odd, away(fetching.STATUSES[404]))
    home = f"{CALENDAR}/busy/"
    spanish(ada, home, "Todavía no se lee ningún calendario.")
    reference = read_from(practice)
    poll(practice, reference)
    spanish(ada, home + reference, "1 evento que se repite no se puede calcular.", "1 evento", "desde el <time")
    poll(practice, reference)

    spanish(ada, home, "Desde el <time", "En esta dirección no hay (o ya no hay) ningún calendario.")
    spanish(ada, f"{home}{reference}/take-away", "Quitar «Private»")
    spanish(ada, f"{home}new", "«Dirección secreta en formato iCal»")
    refused = ada.submit(f"{home}new", {"url": "ftp://x", "name": ""})
    assert "Esto no es una dirección web." in refused.text
    assert english_on(refused.text, *ROOMS) == []


@pytest.mark.parametrize(("kept", "stays"), FAULTS)
def test_a_fault_is_kept_in_english_and_said_in_spanish(practice: Practice, kept: str, stays: str) -> None:
    with practice.app.test_request_context("/?lang=es"):
        said = say(kept)

    assert said != kept
    assert stays in said
    assert "%(" not in said
    with practice.app.app_context():
        assert say(kept) == kept
