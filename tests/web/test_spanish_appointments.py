"""Holding, paying, moving, cancelling and documents as somebody reads them who asked for Spanish."""

from __future__ import annotations

import html
import re

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import select

from practice.database import db
from practice.papers.kinds import Kind
from practice.payments.fees.models import FeeConsent
from practice.payments.fees.policy import agreement, fingerprint
from practice.people import Person
from practice.speaking import CATALOGUES
from tests.support.clock import MONDAY_NINE
from tests.support.couples import practice_couple
from tests.support.fees import FeeDesk
from tests.support.offers import work_in
from tests.support.papers import (
    about,
    attend,
    diagnose,
    give_back,
    introduce,
    make,
    pay,
    register,
    said,
    write_estimates,
)
from tests.support.paying import PRICE, Till

pytestmark = pytest.mark.databases("sqlite")
ROOMS = ("appointments", "payments", "papers", "consents")


def english():
    """Every English sentence of these rooms that has three words at least, without what stands in it by name."""
    for room in ROOMS:
        with (CATALOGUES / "es/LC_MESSAGES" / f"{room}.po").open("rb") as file:
            for message in read_po(file, locale="es"):
                for text in [message.id] if isinstance(message.id, str) else message.id:
                    pieces = re.split(r"%\(\w+\)s|<[^>]+>", text)
                    longest = max((piece.strip(" .,:;") for piece in pieces), key=len)
                    if len(longest.split()) >= 3:
                        yield longest


SENTENCES = frozenset(english()) - {"Date of birth"}  # the questionnaire asks for it in words of its own


def text_of(page):
    return " ".join(html.unescape(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page.text, flags=re.DOTALL)).split())


class Reader:
    """A client who reads Spanish, in one browser; every page that they see is looked through."""

    def __init__(self, practice, client):
        self.browser = practice.browser(client)
        self.browser.get("/you/contact?lang=es")

    def reads(self, address, *words, status=200):
        page = self.browser.get(address)
        assert page.status_code == status, page.location
        return self.looks(page, *words)

    def looks(self, page, *words):
        shown = text_of(page)
        for one in words:
            assert one in shown, (one, shown)
        assert {sentence for sentence in SENTENCES if sentence in shown} == set()
        return page


def spanish(practice, held):
    with work_in(practice) as work:
        work.session.get_one(Person, held.payer.person_id).language = "es"
    return Reader(practice, held.payer)


def test_from_the_hold_to_the_cancelled_appointment(practice, payments):
    till = Till(practice, payments)
    held = introduce(practice, practice.hold(MONDAY_NINE))
    reader, page = spanish(practice, held), f"/bookings/{held.reference}"

    reader.reads(
        page, "Le guardamos esta hora", "Continuar al pago", "lunes 10 de mayo, 9:00 a.m.", "Si cambian sus planes"
    )
    reader.reads(f"{page}/pay", "Antes de pagar", "Lo que otros pueden ver", "Su cita", "Pagar $160")
    reader.reads(f"{page}/cancel", "¿Soltar esta hora?")
    till.open(held)
    reader.reads(f"{page}/paid", "Esto todavía no está pagado")
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    reader.reads(page, "Su cita está confirmada", "Dice «Cita», y nada más.", "Para esta noche", "Qué pasa después")
    reader.reads(f"{page}/move", "Elegir otra hora", "Conservar la hora que tiene")
    cancelling = reader.reads(f"{page}/cancel", "¿Cancelar esta cita?", "Cancelarla y recibir $160 de vuelta")
    reader.browser.send_form(cancelling, {}, form=f"{page}/cancel")
    practice.work_until_idle()
    reader.reads(page, "Esta cita está cancelada", "Si quiere otra hora")
    reader.reads("/card", "No se guarda ninguna tarjeta suya")


def test_whoever_comes_along_reads_it_too(practice):
    one, other = practice_couple(practice)
    held = practice.hold(MONDAY_NINE, one)
    practice.confirm(held)

    reader = Reader(practice, other)
    reader.reads(f"/bookings/{held.reference}", "Su cita está confirmada", "Añadir a su calendario", "Para esta noche")


def test_documents_are_written_in_the_language_of_their_reader(practice, payments):
    till = Till(practice, payments)
    register(practice)
    write_estimates(practice)
    held = introduce(practice, practice.hold(MONDAY_NINE))
    reader, page = spanish(practice, held), f"/bookings/{held.reference}"
    estimate = make(practice, held, Kind.ESTIMATE)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    diagnose(practice, held, "F43.23")
    attend(practice, held)
    invoice = make(practice, held, Kind.INVOICE, about(till, held))
    give_back(practice, held, 20_00, PRICE)
    receipt, superbill = make(practice, held, Kind.RECEIPT, about(till, held)), make(practice, held, Kind.SUPERBILL)

    for number, words in {
        estimate: ("Estimado de buena fe", "Sesión de psicoterapia, 50 minutos", "10 de mayo de 2027", "$160.00"),
        invoice: ("Factura", "Lo que se prestó", "$160.00"),
        receipt: ("Recibo", "Queda después de lo devuelto", "$140.00"),
        superbill: ("Comprobante para el seguro (superbill)", "F43.23", "31 de marzo de 1985"),
        "C2027-0001": ("Nota de crédito", f"Documento {invoice}", "$20.00"),
    }.items():
        paper = said(practice, number)
        for one in words:
            assert one in paper, (number, one, paper)
        assert {sentence for sentence in SENTENCES if sentence in paper} == set()
    listed = reader.reads(f"{page}/documents", "Documentos", "Hacer un recibo", "Comprobante para el seguro")
    for address in re.findall(rf'href="({page}/documents/\w+)"', listed.text):
        reader.reads(address, "Descargar en PDF", "Documento")
        assert reader.browser.get(f"{address}.pdf").data.startswith(b"%PDF")


def test_a_document_that_stands_stays_in_its_language_when_its_reader_chooses_another(practice, payments):
    till = Till(practice, payments)
    held = pay(practice, till)
    number = make(practice, held, Kind.INVOICE, about(till, held))
    reader = spanish(practice, held)

    assert make(practice, held, Kind.INVOICE, about(till, held)) == number
    listed = reader.reads(f"/bookings/{held.reference}/documents", "Factura")
    address = re.search(r'href="(/bookings/\w+/documents/\w+)"', listed.text)[1]
    page = reader.browser.get(address).text
    assert '<article class="paper" aria-label="Document I2027-0001" lang="en">' in page
    assert "<h1>Documento I2027-0001</h1>" in page
    assert "Este documento está en inglés, el idioma de sus cartas cuando se hizo." in page
    english = reader.browser.get(f"{address}?lang=en").text
    assert "<h1>Document I2027-0001</h1>" in english
    assert "This document is in" not in english


def test_keeping_a_card_for_fees_is_agreed_to_in_the_words_that_were_shown(practice, payments):
    FeeDesk(Till(practice, payments))
    held = introduce(practice, practice.hold(MONDAY_NINE))
    reader, address = spanish(practice, held), f"/bookings/{held.reference}/pay"
    words = (
        "Guarden mi tarjeta en el servicio de pagos para los cargos. Pueden cobrar, a lo sumo, $80 si cancelo después"
    )
    page = reader.reads(address, words)
    said = {"legal_name": "Robin Quill-Canary", "date_of_birth": "1985-03-31", "insurance_use": "no", "keep_card": "y"}

    with practice.browser(held.payer) as stranger:  # the same person, in a browser that speaks English
        english = stranger.get(f"{address}?lang=en")
        refused = stranger.send_form(english, {**said, "fees_shown": shown_mark(page)}, form=address)
        old = stranger.send_form(english, {**said, "fees_shown": shown_mark(page)[:-3]}, form=address)
    for answer in (refused, old):
        assert answer.status_code == 409
        assert "You ticked this in other words" in answer.text
        assert "changed" not in answer.text
    assert reader.browser.send_form(page, said, form=address).status_code == 303

    with practice.app.test_request_context("/?lang=es"):
        kept = db.session.scalars(select(FeeConsent)).one()
        assert kept.text_sha256 == fingerprint(agreement("$80", "$200"))


def shown_mark(page):
    return re.search(r'name="fees_shown" value="([^"]+)"', page.text)[1]
