"""A client's own pages in Spanish: every room's page, the language of letters, and the record that is taken along."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from practice import speaking
from practice.booking.lifecycle import State as BookingState
from practice.booking.waiting.models import WishState
from practice.database import db
from practice.intake.lanes import LANES
from practice.intake.messages import RETURN
from practice.papers.kinds import Kind
from practice.payments.fees.policy import FeeKind
from practice.payments.fees.queries import FeeStand
from practice.payments.settlement import AttemptState
from practice.people import hash_code, make_link
from practice.pulse.documents import current_document, current_questions
from practice.reminding.messages import STOP, Topic
from practice.review.lifecycle import Step, Word
from practice.rights.access.redacting import Choice, Looked
from practice.rights.access.rules import Outcome, State, Way
from practice.rights.code_words import in_words
from practice.staff.queries import find_account
from tests.support import access
from tests.support.answering_couples import intake_of
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.consents import accept, consents_of, reword, with_documents
from tests.support.couples import client_for_two, practice_couple
from tests.support.left_in_english import left_in_english
from tests.support.notes import note_on_request
from tests.support.offers import work_in
from tests.support.pulse import begin, due, fill
from tests.support.staff import desk
from tests.support.story import Client, Practice

ROOMS = ("common", "portal", "pulse", "reminding", "review", "rights")
OF_A_RECORD = ("common", "pulse", "rights")  # beside answers to questions, whose words are the questionnaire's
ONE_DATABASE = pytest.mark.databases("sqlite")  # words alone
CODE = "blue kettle"
RECORD_CODES = [
    *[("by", code) for code in ("themselves", "the practice")],
    *[("step", code) for code in Step],
    *[("state", code) for code in (*BookingState, *WishState, *FeeStand, *State, "place", "erased")],
    *[("state", code) for code in (AttemptState.PAID, AttemptState.AUTHORISED)],
    *[("kind", code) for code in (*FeeKind, *Kind)],
    *[(column, code) for column in ("lane", "before_lane") for code in LANES],
    *[("purpose", code) for code in (RETURN, STOP)],
    *[("way", code) for code in (*Way, "mail", "code")],
    *[("method", code) for code in ("page", "paper")],
    *[("topic", code) for code in Topic],
    *[("outcome", code) for code in Outcome],
]
DOCUMENT = re.compile(r'<section class="paper".*?</section>', re.DOTALL)  # the practice's own words
SPANISH, ENGLISH = '<html lang="es">', '<html lang="en">'


def write_to(practice: Practice, client: Client, language: str) -> None:
    """Have letters to this client in a language, and a code to open what it guards."""
    chosen = hash_code(CODE)
    with work_in(practice):
        person = practice.person(client)
        person.language, person.code_hash = language, chosen


def spanish(browser: Browser, path: str, *expected: str) -> str:
    """The page, which has these words and no English of ours."""
    page = browser.get(path)
    assert page.status_code == 200
    assert SPANISH in page.text
    for words in expected:
        assert words in page.text
    assert left_in_english(DOCUMENT.sub("", page.text), *ROOMS) == []
    return page.text


@ONE_DATABASE
def test_english_that_is_left_on_a_page_is_found() -> None:
    assert left_in_english("<p>No hay nada. <b>You come on</b>\n your own.</p>", "portal") == ["You come on your own"]
    assert left_in_english('<a href="/x">Sep 4</a>, with Ada', "portal") == []


@ONE_DATABASE
def test_ones_own_page_and_what_it_leads_to(practice: Practice) -> None:
    with_documents(practice)
    client = client_for_two(practice)
    accept(practice, client)
    write_to(practice, client, "es")
    held = practice.hold(MONDAY_NINE, client)
    practice.confirm(held)
    browser = practice.browser(client)

    page = spanish(browser, "/you", "Su página", "Sus citas", "lunes 10 de mayo, 9:00 a.m., hora oriental", "Sus datos")
    assert "Quién viene con usted" in page
    assert "Reservada" in page
    spanish(browser, "/you/contact", "Cómo nos comunicamos con usted", "Correo electrónico", "Es posible")
    spanish(browser, "/you/agreed", "Lo que usted aceptó", "Versión 1, el miércoles 5 de mayo de 2027.")
    for one in consents_of(practice, client):
        spanish(browser, f"/you/agreed/{one.reference}", "Las palabras que usted aceptó", "Retirar")
    reword(practice, "therapy")
    spanish(browser, "/you", "el texto es nuevo, o usted todavía no lo ha aceptado")
    spanish(browser, "/you/data", "Qué no contiene", "Como una página, para leer o imprimir")
    spanish(browser, "/you/erasure", "Qué se queda, y por qué")
    spanish(browser, "/you/record", "Su expediente completo")
    spanish(browser, "/you/record/ask", "En un plazo de 30 días")
    for path in ("/you/erasure", "/you/record/ask"):
        answer = browser.submit(path, {"code": CODE}, form=path)
        assert answer.status_code == 302
    spanish(browser, "/you/erasure", "Tenemos su solicitud.", "Retirar mi solicitud")
    spanish(browser, "/you/record", "Nos llegó el miércoles 5 de mayo.")


@ONE_DATABASE
def test_two_who_come_together(practice: Practice) -> None:
    pair = practice_couple(practice)
    for client in pair:
        write_to(practice, client, "es")
        spanish(practice.browser(client), "/you", "Quién viene con usted", "Pausar las sesiones conjuntas")


@ONE_DATABASE
def test_how_somebodys_request_stands_and_taking_it_back(practice: Practice) -> None:
    client = client_for_two(practice)
    write_to(practice, client, "es")
    browser = practice.browser(client)
    assert "Primero, su código" in spanish(browser, "/you/request")
    assert browser.submit("/you/request", {"code": CODE}, form="/you/request").status_code == 302

    spanish(browser, "/you/request", "Cómo está: <b>Recibida</b>", "Ahora no tiene que hacer nada.")
    spanish(browser, "/you/request/take-back", "¿Retirar su solicitud?")
    staff = desk(practice, "clinician")
    with practice.app.app_context():
        page = f"/staff/intakes/{intake_of(practice, client)}"
    asked = {"fields": ["access_needs"], "question": "¿Quién más lo sabe?"}
    assert staff.submit(page + "/ask", asked, form="/ask").status_code == 302
    shown = spanish(browser, "/you/request", "Necesitamos algo", "Nos gustaría saber", "¿Quién más lo sabe?")
    assert "Su respuesta" in shown
    wrong = browser.submit("/you/request", {"own-answer": " "}, form="/you/request")
    assert wrong.status_code == 422
    assert "Escriba una respuesta. «Prefiero no decirlo» también lo es." in wrong.text
    assert left_in_english(wrong.text, *ROOMS) == []


@ONE_DATABASE
def test_the_six_words_are_all_said(practice: Practice) -> None:
    with practice.app.app_context(), speaking.speaking("es"):
        said = [speaking.gettext(word.value) for word in Word]

    assert said == ["Recibida", "En revisión", "Necesitamos algo", "Lista para reservar", "Reservada", "Cerrada"]


@ONE_DATABASE
def test_the_short_page_asks_and_answers_in_spanish_with_the_same_codes(practice: Practice) -> None:
    client = practice.new_client()
    write_to(practice, client, "es")
    practice.clock.set(due(practice, client, begin(practice, client)))
    browser = practice.browser(client)
    page = spanish(browser, "/how-it-goes", "Cómo va", "Sentí que me escuchaban", "Más o menos la mitad", "No, gracias")
    assert "Not at all" not in page

    empty = browser.submit("/how-it-goes", {}, form="/how-it-goes")
    assert "Elija una respuesta al menos en una de estas" in empty.text
    kept = browser.submit("/how-it-goes", {"pulse_trust": "6", "pulse_kept": "na"}, form="/how-it-goes")

    assert kept.status_code == 302
    spanish(browser, "/how-it-goes", "Esta vez ya respondió.", "Su propia línea", "Dos semanas hasta")


@ONE_DATABASE
def test_every_question_of_the_short_page_has_its_spanish_and_nothing_else_changes(practice: Practice) -> None:
    with practice.app.app_context():
        english, document = current_questions(), current_document()
        with speaking.speaking("es"):
            other = current_questions()
            assert current_document() == document

    assert (other.hash, other.language) == (english.hash, "es")
    trust = other.field("pulse_trust")
    assert (english.said(trust, {trust.name: ""}), other.said(trust, {trust.name: ""})) == (
        "Left empty",
        "Sin respuesta",
    )
    for said, meant in zip(other.fields(), english.fields(), strict=True):
        assert said.question != meant.question
        assert (said.hint == meant.hint) is (meant.hint == "")
        assert [option.code for option in said.options] == [option.code for option in meant.options]
        assert all(one.label != two.label for one, two in zip(said.options, meant.options, strict=True))


@ONE_DATABASE
def test_a_line_of_trust(practice: Practice) -> None:
    client = practice.new_client()
    write_to(practice, client, "es")
    fill(practice, client, [4, None, 5, 6])

    page = spanish(practice.browser(client), "/how-it-goes", "Cada punto es una respuesta suya")
    assert "sin responder" in page


@ONE_DATABASE
@pytest.mark.parametrize("topic", list(Topic))
def test_letters_are_stopped_and_wanted_again(practice: Practice, topic: Topic) -> None:
    client = practice.new_client()
    write_to(practice, client, "es")
    with work_in(practice) as work:
        token = make_link(work, practice.person(client), STOP, topic.value)
    browser = practice.browser(client)

    spanish(browser, f"/stop/{token}", "¿Dejar de recibir estas cartas?")
    done = browser.submit(f"/stop/{token}", form=f"/stop/{token}")
    assert "Estas cartas ya no llegan" in done.text
    assert left_in_english(done.text, *ROOMS) == []


@ONE_DATABASE
def test_what_somebody_takes_along_is_in_their_language(practice: Practice) -> None:
    client = client_for_two(practice)
    write_to(practice, client, "es")
    practice.confirm(practice.hold(MONDAY_NINE, client))
    fill(practice, client, [4])
    browser = practice.browser(client)

    page = browser.submit("/you/data", {"code": CODE, "kind": "page"}, form="/you/data").text
    file = json.loads(browser.submit("/you/data", {"code": CODE, "kind": "json"}, form="/you/data").text)

    assert left_in_english(page, *OF_A_RECORD) == []
    for words in ("Preguntas y respuestas, enviadas el", "Zona horaria", "confirmada", "Sentí que me escuchaban"):
        assert words in page
    assert file["language"] == "es"
    assert file["left_out"].startswith("Algunas respuestas nunca se vuelven a mostrar")
    assert file["bookings"][0]["state"] == "confirmed"  # a code is a code
    assert file["pulse"]["answered"][0]["answers"][0]["codes"] == ["4"]


@ONE_DATABASE
def test_every_code_that_a_record_shows_has_a_word(practice: Practice) -> None:
    page = (speaking.CATALOGUES.parent / "templates" / "rights" / "parts.html").read_text()
    coded = {"by", "step", "state", "kind", "purpose", "way", "method", "topic", "outcome"}
    assert coded <= set(re.findall(r'"(\w+)"\)', page))
    with practice.app.app_context():
        assert in_words("in_review", "state") == "in review"
        assert in_words("Cargo", "state") == "Cargo"
        assert [said for column, code in RECORD_CODES if "_" in (said := str(in_words(code, column)))] == []
        with speaking.speaking("es"):
            for column, code in RECORD_CODES:
                assert in_words(code, column) != code, (column, code)


def test_a_record_is_frozen_in_the_language_of_letters_and_reviewed_in_english(practice: Practice) -> None:
    client = client_for_two(practice)
    write_to(practice, client, "es")
    staff = desk(practice, "clinician")
    with work_in(practice) as work:
        account = find_account("clinician-desk@practice.example")
        note_on_request(work, account, intake_of(practice, client), "Kim called. They sleep badly.")
    reference = access.ask(practice, client)
    access.check(practice, reference)
    access.look(practice, reference, {"Kim": Looked(Choice.PASSAGES, "[[Kim called.]] They sleep badly.")})
    preview = staff.get(f"/staff/data/access/{reference}/preview").text
    assert "[left out] They sleep badly." in preview
    assert "words of ours will be in Español" in " ".join(preview.split())
    access.hand_over(practice, reference, access.Outcome.PARTS)

    browser = practice.browser(client)
    spanish(browser, "/you/record", "Su expediente está aquí", "«[omitido]»", "la Oficina de Derechos Civiles")
    page = browser.submit("/you/record", {"code": CODE, "kind": "page"}, form="/you/record/read").text
    assert "[omitido] They sleep badly." in page
    assert "Una parte de esto se omitió" in page
    assert left_in_english(page, *OF_A_RECORD) == []


class TestTheLanguageOfLetters:
    """Decides where nothing was asked for and no cookie remembers."""

    def test_it_stands_above_what_a_browser_prefers_and_below_what_was_asked(self, practice: Practice) -> None:
        client = practice.new_client()
        write_to(practice, client, "es")
        browser = practice.browser(client)
        prefers_english = {"Accept-Language": "en-US,en"}

        assert SPANISH in browser.get("/you", headers=prefers_english).text
        assert SPANISH in browser.get("/fees", headers=prefers_english).text  # it asks nobody who they are
        assert ENGLISH in browser.get("/you?lang=en").text
        assert ENGLISH in browser.get("/you").text
        with practice.app.app_context():
            assert practice.person(client).language == "es"  # letters stay as they were

    def test_a_stranger_is_asked_of_nobody(self, practice: Practice) -> None:
        browser, asked = practice.browser(), []
        with practice.app.app_context():
            event.listen(db.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))

        assert SPANISH in browser.get("/nowhere", headers={"Accept-Language": "es"}).text
        assert [statement for statement in asked if "client_session" in statement] == []

    def test_who_it_is_is_asked_once_on_a_page(self, practice: Practice) -> None:
        client, asked = practice.new_client(), []
        browser = practice.browser(client)
        with practice.app.app_context():
            event.listen(db.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))

        assert browser.get("/you").status_code == 200
        assert len([statement for statement in asked if "client_session" in statement]) == 1

    def test_an_error_page_speaks_while_the_database_is_away(
        self, practice: Practice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = practice.new_client()
        write_to(practice, client, "es")
        browser = practice.browser(client)

        def away(_token: str) -> None:
            raise OperationalError("select", {}, Exception("no connection"))

        monkeypatch.setattr("practice.people._find_visitor", away)
        answer = browser.get("/you", headers={"Accept-Language": "es"})

        assert answer.status_code == 503
        assert "Ahora mismo no podemos hacer esto" in answer.text

    def test_the_page_of_contact_says_where_the_two_differ(self, practice: Practice) -> None:
        client = practice.new_client()
        write_to(practice, client, "es")
        browser = practice.browser(client)
        assert "hablan en" not in browser.get("/you/contact").text

        page = browser.get("/you/contact?lang=en").text

        assert "These pages speak English with you, and our letters Spanish." in page
        assert 'href="/you/contact?lang=es" hreflang="es"' in page
        browser.submit("/you/contact", {"language": "en"}, form="contact")
        assert "These pages speak English" not in browser.get("/you/contact").text
        page = browser.get("/you/contact?lang=es").text
        assert "Estas páginas le hablan en español, y nuestras cartas, en inglés." in page
