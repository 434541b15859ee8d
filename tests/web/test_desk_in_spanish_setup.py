"""The desk in Spanish, where a practice is set up and opened: no page of it says its English, nor does a refusal."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from practice.notify.mailer import MailAway
from practice.settings import Settings
from practice.staff.models import StaffAccount
from practice.work import begin_work
from tests.support import offers
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.fake_mail import FakeMailer
from tests.support.offers import ADA
from tests.support.spanish import english_on, in_spanish, words_on
from tests.support.staff import SIGN_IN, audit, desk
from tests.support.story import Practice
from tests.web.test_first_run import NAMED, OWNER, way_in

ROOMS = ("common", "desk", "setup", "opening")
MONDAY = MONDAY_NINE.date().isoformat()
SETUP = "/staff/setup"
HOURS, CONNECTIONS, HEALTH = f"{SETUP}/hours/{ADA}", f"{SETUP}/connections", f"{SETUP}/health"
MAIL = {
    "host": "mail.harbour.example",
    "port": "587",
    "user": "office",
    "password": "pw-Quiet-7431",
    "sender_name": "Citas",
    "sender_address": "office@harbour.example",
}
STRIPE = {"api_key": "sk_test_51QuietHarbourKey9Zq4", "webhook_secret": "whsec_QuietHarbourSecret7Xw2"}
TO_COPY = re.compile(r"<textarea[^>]* readonly.*?</textarea>", re.DOTALL)
ONE_DATABASE = pytest.mark.databases("sqlite")  # words alone


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of a machine that names neither mail nor Stripe, so that the page has something to say of each."""
    return replace(settings, smtp_url="", mail_from="", stripe_api_key="", stripe_webhook_secret="")


@pytest.fixture
def bare(app, clock) -> Practice:
    """An installation that nobody has set up."""
    return Practice(app, clock)


@pytest.fixture
def owner(practice: Practice) -> Browser:
    return desk(practice, "owner")


def set_up(practice: Practice, owner: Browser) -> None:
    """A practice with something to read on each of its pages; everything is typed in English."""
    offers.add_room(practice, "Harbour")
    offers.confirmed(practice, MONDAY_NINE)
    later = (MONDAY_NINE + timedelta(days=2)).date().isoformat()
    owner.submit(HOURS, {"first_day": MONDAY, "last_day": later}, form="time-off")
    page = owner.get(HOURS)
    for number, kind in enumerate(("closed", "other", "extra")):
        day = (MONDAY_NINE + timedelta(days=7 + number)).date().isoformat()
        times = {} if kind == "closed" else {"opens": "19:00", "closes": "21:00"}
        owner.send_form(page, {"day": day, "kind": kind, **times}, form="/days")
    owner.submit(HOURS, {"holiday_region": "US-NY"}, form="preferences")
    owner.submit(f"{SETUP}/desk", {"weekly": "mon-fri 09:00-17:00", "holidays": "US"})
    owner.submit(CONNECTIONS, MAIL, form="/mail/save")
    owner.submit(CONNECTIONS, STRIPE, form="/stripe/save")


def english_in(page: str) -> list[str]:
    """What a page still says in English, but for the lines to copy: they are in each language."""
    return english_on(TO_COPY.sub("", page), *ROOMS)


PAGES = {
    f"{SETUP}/practice": "El consultorio",
    f"{SETUP}/practice/booking": "Reservas y recordatorios",
    f"{SETUP}/own-site": "En su propio sitio",
    f"{SETUP}/documents": "Documentos",
    f"{SETUP}/desk": "de lunes a viernes, de 9:00 a.m. a 5:00 p.m.",
    HOURS: "de 7:00 p.m. a 9:00 p.m., en cualquier lugar",
    f"{SETUP}/rooms": "2 asientos para clientes",
    f"{SETUP}/rooms/new": "Una sala nueva",
    f"{SETUP}/rooms/harbour": "Harbour",
    f"{SETUP}/open": "Abrir el consultorio",
    CONNECTIONS: "modo de prueba",
    f"{CONNECTIONS}/mail/take-away": "¿Quitar este servidor de correo?",
    f"{CONNECTIONS}/stripe/take-away": "¿Quitar estas claves?",
    HEALTH: "base de datos, con todas sus migraciones",
}


@ONE_DATABASE
def test_every_page_of_setting_up_is_spanish(practice: Practice, owner: Browser) -> None:
    set_up(practice, owner)
    in_spanish(owner)

    said = {path: owner.get(path) for path in PAGES}

    assert {path: answer.status_code for path, answer in said.items() if answer.status_code != 200} == {}
    assert {path: left for path, answer in said.items() if (left := english_in(answer.text))} == {}
    assert [path for path, words in PAGES.items() if words not in words_on(said[path].text)] == []
    for words in (
        "lunes 31 de mayo de 2027: Día de los Caídos",
        "cerrado, en cualquier lugar",
        "adicional, de 7:00 p.m.",
    ):
        assert words in words_on(said[HOURS].text)
    assert "Día de los Caídos" in words_on(said[f"{SETUP}/desk"].text)
    assert "(hora oriental). La recepción" in words_on(said[f"{SETUP}/desk"].text)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("path", "form", "typed", "words"),
    [
        (f"{SETUP}/practice", -1, {"zone": "Mars/Olympus"}, "No existe esa zona horaria."),
        (f"{SETUP}/practice/booking", -1, {"reminder_hours": "999"}, "Escriba de 1 a 336 horas"),
        (f"{SETUP}/own-site", -1, {"origins": "lantern"}, "lantern no es la dirección de un sitio."),
        (f"{SETUP}/documents", "/practice", {"practice-tin": "12"}, None),
        (f"{SETUP}/desk", -1, {"weekly": "mon 09:00-12:00, 11:00-13:00"}, "Las horas del lunes se superponen."),
        (f"{SETUP}/desk", -1, {"weekly": "always"}, "«always» no es un horario."),
        (HOURS, "weekly", {"rows-0-opens": "noon"}, "Escriba la hora así: 09:00 o 17:30."),
        (HOURS, "weekly", {"rows-0-opens": "18:00", "rows-0-closes": "09:00"}, "Tiene que cerrar después de abrir."),
        (HOURS, "/days", {"day": MONDAY, "kind": "extra"}, "Diga desde cuándo y hasta cuándo."),
        (
            HOURS,
            "time-off",
            {"first_day": MONDAY, "last_day": "2020-01-01"},
            "El último día viene antes que el primero.",
        ),
        (f"{SETUP}/rooms/new", -1, {"name": "", "seats": "99"}, "Póngale un nombre."),
        (CONNECTIONS, "/mail/save", {**MAIL, "port": "99999"}, "Un puerto está entre 1 y 65535"),
        (CONNECTIONS, "/stripe/save", {**STRIPE, "api_key": "pk_test_x"}, "Esa es la clave publicable."),
    ],
)
def test_a_refusal_is_spanish(
    practice: Practice, owner: Browser, path: str, form: str | int, typed: dict[str, str], words: str | None
) -> None:
    answer = in_spanish(owner).submit(path, typed, form=form)

    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert "Por favor, revise esto" in answer.text
    assert words is None or words in words_on(answer.text)
    assert english_in(answer.text) == []


@ONE_DATABASE
def test_what_was_changed_meanwhile_is_said_in_spanish_and_codes_stay_codes(practice: Practice, owner: Browser) -> None:
    in_spanish(owner)
    page = owner.get(f"{SETUP}/practice")
    assert owner.send_form(page, {"name": "Still Harbour"}).status_code == 302

    late = owner.send_form(page, {"name": "Loud Harbour"})

    assert late.status_code == 409
    assert "Alguien cambió esto mientras usted lo tenía abierto" in words_on(late.text)
    assert english_in(late.text) == []
    assert "Guardado. Desde ahora los clientes lo leen" in late.text
    assert audit(practice, "practice_saved")[0][1:] == ("practice_saved", "practice")


@ONE_DATABASE
def test_trials_and_health_are_spanish_and_the_test_letter_is_in_the_language_of_whoever_asks(
    practice: Practice, owner: Browser, mailer: FakeMailer
) -> None:
    owner.submit(CONNECTIONS, MAIL, form="/mail/save")
    in_spanish(owner)

    tried = owner.submit(CONNECTIONS, form="/mail/try")
    (letter,) = mailer.sent
    assert letter.subject == "Una carta de prueba"
    assert "<html lang=es>" in letter.html
    assert "El servidor aceptó la carta." in words_on(tried.text)

    mailer.fail_with = MailAway("535", "password")
    owner.submit(CONNECTIONS, form="/mail/try")
    later = owner.get(CONNECTIONS)
    assert "El servidor rechazó el usuario y la contraseña." in words_on(later.text)
    assert [english_in(page.text) for page in (tried, later, owner.get(f"{SETUP}/open"))] == [[], [], []]


@ONE_DATABASE
def test_the_first_visit_is_spanish_to_its_end(bare: Practice) -> None:
    browser, address = bare.browser(), f"/staff/first-run/{way_in(bare)}"
    pages = [browser.get(f"{address}?lang=es")]
    pages += [browser.submit(address, {**NAMED, "desk_hours": "always"})]
    browser.submit(address, NAMED)
    pages += [browser.get(address), browser.submit(address, {**OWNER, "again": "another"})]
    browser.submit(address, OWNER)
    browser.submit(SIGN_IN, {"email": OWNER["owner_email"], "password": OWNER["password"]})
    pages += [browser.get(f"{SETUP}/open"), browser.get(HEALTH)]
    with bare.app.app_context(), begin_work() as work:
        work.session.scalars(select(StaffAccount)).one().active = False
    pages += [bare.browser().get(f"/staff/first-run/{way_in(bare)}?lang=es")]

    said = [words_on(page.text) for page in pages]

    assert [page.status_code for page in pages] == [200, 422, 200, 422, 200, 200, 200]
    assert [english_in(page.text) for page in pages] == [[]] * len(pages)
    for text, words in zip(
        said,
        (
            "Su consultorio",
            "«always» no es un horario.",
            "Nueva York",
            "Las dos contraseñas son distintas.",
            "Faltan 3 cosas.",
            "Por arreglar",
            "Hacerse responsable del consultorio",
        ),
        strict=True,
    ):
        assert words in text
