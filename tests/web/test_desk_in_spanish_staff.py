"""Signing in, accounts, people and the access log as somebody reads them who works here and chose Spanish."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import update

from practice.audit import CHANGED, CUT, MISSING, AuditEntry
from practice.booking.offers.queries import get_therapist
from practice.notify.readers import colleague_reader, therapist_reader
from practice.profile import profile
from practice.speaking import speaking
from practice.staff import audit_checking
from practice.staff.audit_words import DETAILS
from practice.staff.models import ROLES
from practice.staff.words import BREACHES, ROLE_NAMES, breach_said, browser_said
from tests.support.authenticator import Passkey, add_passkey
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, work_in
from tests.support.spanish import english_on, in_spanish, words_on
from tests.support.staff import SIGN_IN, Colleague, audit, desk, hire, send_request, sign_in, signed_in_long_ago
from tests.support.statements import statements
from tests.support.story import Practice
from tests.web.test_staff_passkeys import half_way as half_way_by_passkey
from tests.web.test_staff_people import NEW_EMAIL, PEOPLE, STRONG, account_of, choose, invite, letter, page_of
from tests.web.test_staff_two_factor import CODE_PAGE, connect
from tests.web.test_staff_two_factor import half_way as half_way_by_code

pytestmark = pytest.mark.databases("sqlite")
ROOMS = ("staff", "desk")
SPANISH = '<html lang="es">'


@pytest.fixture
def olive(practice: Practice) -> Colleague:
    return hire(practice, "owner", email="olive@practice.example")


@pytest.fixture
def owner(practice: Practice, olive: Colleague) -> Browser:
    """Olive's browser, once she chose Spanish on her account."""
    browser = sign_in(practice, olive)
    assert browser.submit("/staff/account", {"language": "es"}, form="/language").status_code == 302
    return browser


@pytest.fixture
def sam(practice: Practice) -> Colleague:
    return hire(practice, "clinician", "therapist", therapist=ADA)


def reads(page: Any, *words: str, status: int = 200) -> str:
    """A page that is Spanish from head to foot and says these words; what it says."""
    assert page.status_code == status, page.location
    assert SPANISH in page.text
    said = words_on(page.text)
    assert english_on(page.text, *ROOMS) == []
    for one in words:
        assert one in said, (one, said)
    return said


def test_signing_in_with_each_second_factor(practice: Practice, clock: Any, sam: Colleague) -> None:
    browser = in_spanish(practice.browser())
    reads(browser.get(SIGN_IN), "Iniciar sesión", "¿Olvidó su contraseña?")
    wrong = browser.submit(SIGN_IN, {"email": sam.email, "password": "no such thing"})
    reads(wrong, "Esa dirección y esa contraseña no van juntas.", status=200)
    connect(sign_in(practice, sam), clock)

    by_code = in_spanish(half_way_by_code(practice, sam))
    reads(by_code.get(CODE_PAGE), "Código de su aplicación", "¿No tiene el teléfono a mano?")
    reads(by_code.submit(CODE_PAGE, {"code": "123456"}), "Ese código no es correcto o ya se usó.")
    reads(by_code.get("/staff/two-factor/recovery"), "Código de recuperación")


def test_signing_in_with_a_passkey(practice: Practice, sam: Colleague) -> None:
    add_passkey(sign_in(practice, sam), Passkey())
    browser = in_spanish(half_way_by_passkey(practice, sam))

    page = browser.get("/staff/passkey")
    reads(page, "Usar su llave de acceso", "¿No la tiene a mano?")
    assert 'data-passkey-nothing="No se hizo nada.' in page.text
    reads(browser.submit("/staff/passkey"), "Su navegador no envió ninguna respuesta.", status=422)


def test_ones_own_account_and_what_it_leads_to(practice: Practice, owner: Browser) -> None:
    add_passkey(owner, Passkey(), "Azul")

    account = reads(owner.get("/staff/account"), "Usted es responsable", "Idioma de la recepción", "Llaves de acceso")
    assert "Un navegador Este" in account
    for page, words in {
        "/staff/password": "Cambiar su contraseña",
        "/staff/two-factor": "Conectar una aplicación",
        "/staff/recovery-codes": "Hacer códigos nuevos",
        "/staff/passkeys/new": "Añadir una llave de acceso",
    }.items():
        reads(owner.get(page), words)
    reads(owner.submit("/staff/password", {"password": ""}), "Escriba la contraseña que tiene ahora.")
    reads(owner.submit("/staff/passkeys/new", {"name": ""}), "Póngale un nombre.", status=422)
    signed_in_long_ago(practice)
    asked = owner.get(PEOPLE, follow_redirects=True)
    assert "Antes, escriba su contraseña una vez más." in asked.text
    reads(asked, "Su contraseña una vez más", "Ahora no")


def test_the_people_who_work_here(practice: Practice, owner: Browser, olive: Colleague, sam: Colleague) -> None:
    add_passkey(sign_in(practice, sam), Passkey())
    send_request(practice)
    invite(owner)

    reads(owner.get(PEOPLE), "terapeuta que decide y terapeuta", "invitación de olive@practice.example", "a robin@")
    wrong = owner.submit(PEOPLE, {"email": "robin", "roles": []}, form="/people/invite")
    reads(wrong, "Esa no es una dirección de correo electrónico.", "Elija al menos una.", status=422)
    taken = owner.submit(PEOPLE, {"email": sam.email, "roles": ["owner"]}, form="/people/invite")
    reads(taken, "Alguien ya tiene esta dirección. Búsquela en la lista", status=409)
    reads(owner.get(page_of(practice, olive)), "Es la suya: su sesión se cierra de inmediato.")
    reads(
        owner.get(page_of(practice, sam)), "1 llave de acceso", "Si no puede iniciar sesión", "Ningún turno de guardia"
    )
    ended = owner.submit(page_of(practice, sam), form=f"{page_of(practice, sam)}/end", follow_redirects=True)
    reads(ended, "Terminada", "Volver a abrirla")
    assert "La cuenta ha terminado." in ended.text


def test_what_an_invitation_leads_to_and_the_language_in_which_it_was_accepted(
    practice: Practice, owner: Browser, mailer: Any
) -> None:
    invite(owner)
    link = letter(practice, mailer)
    [sent] = mailer.letters_to(NEW_EMAIL)
    assert sent.subject == "Su cuenta"  # in the language of whoever invited them
    invited = in_spanish(practice.browser())

    reads(invited.get(link), "Elija una contraseña")
    reads(choose(invited, link, "passwordpassword"), "es de las primeras que alguien probaría", status=422)
    assert "Use al menos 12 caracteres." in choose(invited, link, "short").text
    choose(invited, link)

    assert account_of(practice, NEW_EMAIL).language == "es"
    owner.submit(page_of(practice, Colleague(NEW_EMAIL, account_of(practice, NEW_EMAIL).actor)), form="/new-password")
    practice.work_until_idle()
    assert mailer.letters_to(NEW_EMAIL)[-1].subject == "Una contraseña nueva"
    english = practice.browser()
    english.get(f"{SIGN_IN}?lang=en")
    choose(english, re.search(r"/staff/invitation/[\w-]{43}", mailer.letters_to(NEW_EMAIL)[-1].text)[0], STRONG + "!")
    assert account_of(practice, NEW_EMAIL).language == "es"  # it is theirs, whatever this browser speaks


def test_the_access_log(practice: Practice, owner: Browser, sam: Colleague) -> None:
    request = send_request(practice)
    sign_in(practice, sam).get(f"/staff/intakes/{request}")

    log = reads(owner.get("/staff/audit/"), "abrió una solicitud", "inició sesión", "Quién vio o cambió qué")
    assert "Cliente p_" in log
    wrong = owner.get("/staff/audit/?first=mañana&subject=Robin")
    reads(wrong, "Escriba la fecha así: 2027-05-31.", "Escriba una referencia", status=422)
    with work_in(practice) as work:
        work.session.execute(update(AuditEntry).where(AuditEntry.number == 2).values(actor="staff:9"))
    with practice.app.app_context():
        audit_checking.on_night(None)
    reads(owner.get("/staff/audit/"), "La anotación 2 se cambió.", "1 lugar donde la cadena está rota")


def test_every_code_of_the_log_and_of_an_account_has_words(practice: Practice) -> None:
    assert set(ROLE_NAMES) == set(ROLES)
    assert set(BREACHES) == {MISSING, CHANGED, CUT}
    assert all(said.endswith(": %(value)s") for said in DETAILS.values())
    with practice.app.app_context(), speaking("es"):
        assert breach_said(CUT.format(7)) == "El registro acaba en la anotación 7, y su cabecera dice otra cosa."
        assert breach_said("something else 7") == "Something else 7."
        assert browser_said("Firefox on a Mac") == "Firefox en una Mac"
        assert browser_said("A browser") == "Un navegador"


def test_what_was_chosen_stands_below_what_is_asked_for_and_above_what_is_preferred(
    practice: Practice, owner: Browser, olive: Colleague
) -> None:
    assert audit(practice, "desk_language_chosen") == [(olive.actor, "desk_language_chosen", olive.actor)]
    assert SPANISH in owner.get("/staff/account", headers={"Accept-Language": "en"}).text
    assert SPANISH not in owner.get("/fees").text  # there they are a stranger
    assert SPANISH not in owner.get("/staff/account?lang=en").text
    assert SPANISH not in owner.get("/staff/account").text  # remembered, until they choose anew

    chosen = owner.submit("/staff/account", {"language": "es"}, form="/language", follow_redirects=True)

    assert "usan este idioma" in chosen.text
    assert SPANISH in owner.get("/staff/account").text
    assert len(audit(practice, "desk_language_chosen")) == 1  # it was theirs already


def test_a_language_that_we_do_not_speak_is_refused(practice: Practice, owner: Browser) -> None:
    assert owner.submit("/staff/account", {"language": "fr"}, form="/language").status_code == 422


def test_the_switch_of_a_desk_page_that_answered_a_form_stays_at_the_desk(practice: Practice, owner: Browser) -> None:
    wrong = owner.submit(PEOPLE, {"email": "robin"}, form="/people/invite")

    assert 'href="/staff?lang=en" hreflang="en"' in wrong.text
    assert owner.get("/staff?lang=en", follow_redirects=True).status_code == 200


def test_the_switch_of_an_error_page_at_the_desk_stays_there(practice: Practice, owner: Browser) -> None:
    for page, leads in (("/staff/nothing-here", "/staff"), ("/nothing-here", "/")):
        gone = owner.get(page)

        assert gone.status_code == 404
        assert set(re.findall(r'href="([^"]*)[?]lang=\w\w" hreflang', gone.text)) == {leads}


def test_letters_go_out_in_the_language_of_the_account_that_they_are_for(practice: Practice, mailer: Any) -> None:
    ada = desk(practice, "clinician", "therapist", therapist=ADA)
    ada.submit("/staff/account", {"language": "es"}, form="/language")
    practice.confirm(practice.hold(MONDAY_NINE))
    send_request(practice)
    practice.work_until_idle()

    with practice.app.app_context():
        therapist = get_therapist(ADA)
        assert therapist_reader(therapist).language == "es"
        address, shared = therapist.email, profile().email
    assert [one.subject for one in mailer.letters_to(address)] == ["Se reservó una cita"]
    assert {one.subject for one in mailer.letters_to(shared)} == {"A new request"}  # nobody knows who reads it
    with practice.app.app_context():
        assert colleague_reader(None).language == "en"


def test_the_language_costs_no_question_that_a_page_does_not_ask_anyway(practice: Practice, owner: Browser) -> None:
    owner.get("/staff/account")
    with statements() as of_their_own:
        owner.get("/staff/account")
    with statements() as asked_for:
        owner.get("/staff/account?lang=es")

    assert len(of_their_own) == len(asked_for)
