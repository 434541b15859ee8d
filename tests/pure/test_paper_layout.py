"""What each document says, and that its PDF says the same: read by a library that did not write it."""

import io
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from fpdf import FPDF
from pypdf import PdfReader

from practice.billing.words import (
    GOES_BACK,
    IS_CORRECTED,
    Billed,
    Frame,
    Given,
    Invoiced,
    Paid,
    Supply,
    Treated,
    write_credit_note,
    write_invoice,
    write_receipt,
    write_superbill,
)
from practice.money import Money
from practice.papers.estimate_words import Expected, write_estimate
from practice.papers.layout import DAYS_IN_TABLES, Sheet, Stamp, Voice, amount, from_plain, in_words, text_of, to_plain
from practice.papers.pdf import AMOUNTS, BOOK, TEXT, readable, write_pdf
from tests.support.golden import assert_golden

ISSUED = datetime(2027, 2, 1, 15, 0, tzinfo=UTC)
SENDER = ("Quiet Harbour", "1 Quay Street, Hudson, NY", "+1 555 010 0100", "office@practice.example")
FRAME = Frame(SENDER, "12-3456789", "letter")
SESSION = date(2027, 3, 1)
PRICE = Money(160_00, "USD")
EXPECTED = Expected(
    patient="Robin Quill",
    born="March 31, 1985",
    service="Psychotherapy session, 50 minutes",
    day=SESSION,
    code="90847",
    price=PRICE,
    provider="Ada Lindqvist, LMFT, Couples therapist",
    npi="1234567893",
    tin="12-3456789",
    place="By video (telehealth)",
    state="New York",
)
PAID = Paid(
    payer="Robin Quill",
    service="Session, 50 minutes",
    service_day=SESSION,
    paid_day=date(2027, 2, 1),
    money=PRICE,
    back=(),
    tax_percent=None,
)
BILLED = Billed("Robin Quill", Supply.ATTENDED, "Session, 50 minutes", SESSION, date(2027, 2, 1))
LEFT = Money(40_00, "USD")
BACK = (Given(date(2027, 2, 3), Money(40_00, "USD"), "Went back to the card"),)
TREATED = Treated(
    patient="Robin Quill",
    born=date(1985, 3, 31),
    provider="Ada Lindqvist, LMFT, Couples therapist",
    licence="NY 001234",
    npi="1234567893",
    practice_npi="1245319599",
    day=SESSION,
    service="Psychotherapy session, 50 minutes",
    place="02",
    code="90847",
    diagnosis="F43.23",
    charged=Money(120_00, "USD"),
)
SHEETS = {
    "estimate": write_estimate(EXPECTED, SENDER, "letter", None),
    "estimate-anew": write_estimate(replace(EXPECTED, day=date(2027, 3, 8), code=""), SENDER, "letter", "E2027-0001"),
    "receipt": write_receipt(PAID, FRAME),
    "receipt-with-what-went-back": write_receipt(replace(PAID, back=BACK, tax_percent="19"), FRAME, "R2027-0001"),
    "invoice": write_invoice(BILLED, FRAME, PRICE, "19", None),
    "invoice-corrected": write_invoice(replace(BILLED, supply=Supply.MISSED), FRAME, PRICE, None, "I2027-0001"),
    "credit-note": write_credit_note(BILLED, FRAME, LEFT, Invoiced("I2027-0001", SESSION, "19"), GOES_BACK),
    "credit-note-of-a-correction": write_credit_note(
        BILLED, FRAME, PRICE, Invoiced("I2027-0001", SESSION, None), IS_CORRECTED
    ),
    "superbill": write_superbill(TREATED, FRAME),
}
STAMP = Stamp("X2027-0012", "February 1, 2027")


def words(text: str) -> str:
    """Without what a page break or a line's end put between them."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def pdf_text(content: bytes) -> str:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    return re.sub(r"Document X2027-0012, page \d+ of \d+", "", "\n".join(pages))


@pytest.mark.parametrize("name", SHEETS)
def test_every_document_says_what_was_agreed(name):
    assert_golden(f"document-{name}.txt", ("\n".join(text_of(SHEETS[name], STAMP)) + "\n").encode())


@pytest.mark.parametrize("name", SHEETS)
def test_the_pdf_says_everything_and_nothing_else(name):
    found = words(pdf_text(write_pdf(SHEETS[name], STAMP, ISSUED)))

    said = [words(one) for one in text_of(SHEETS[name], STAMP)]
    for one in said:
        assert one in found, one
    assert len(found) == sum(len(one) for one in said)


def test_the_same_document_is_the_same_file_byte_by_byte():
    first, again = (write_pdf(SHEETS["receipt"], STAMP, ISSUED) for _ in range(2))
    assert first == again


def test_the_file_tells_its_number_and_nobodys_name():
    described = PdfReader(io.BytesIO(write_pdf(SHEETS["superbill"], STAMP, ISSUED))).metadata
    assert described.title == "Document X2027-0012"
    assert "Quill" not in str(dict(described))


@pytest.mark.parametrize("name", SHEETS)
def test_a_document_comes_back_from_json_as_it_went_in(name):
    assert from_plain(to_plain(SHEETS[name])) == SHEETS[name]


@pytest.mark.parametrize(("size", "wide"), [("letter", 612), ("a4", 595)])
def test_it_is_printed_on_the_paper_of_the_country(size, wide):
    page = PdfReader(io.BytesIO(write_pdf(replace(SHEETS["receipt"], size=size), STAMP, ISSUED))).pages[0]
    assert round(page.mediabox.width) == wide


@pytest.mark.parametrize("language", DAYS_IN_TABLES)
def test_every_day_of_the_year_fits_its_column(language):
    said = Voice(language).day_in_table
    pages = FPDF()
    pages.add_font("body", "", BOOK)
    pages.set_font("body", size=TEXT)
    longest = max(pages.get_string_width(said(date(2028, 1, 1) + timedelta(days=number))) for number in range(366))
    for font in pages.fonts.values():
        font.close()
    assert longest + 2 * pages.c_margin <= AMOUNTS


# Names as people have them


def with_name(name: str) -> Sheet:
    return write_receipt(replace(PAID, payer=name), FRAME)


@pytest.mark.parametrize(
    "name",
    ["Zoë Łukasiewicz", "Nguyễn Thị Ánh", "Ελένη Παπαδοπούλου", "Юлия Ёлкина", "محمد علي", "שירה כהן", "e\u0301lodie"],
)
def test_a_name_is_written_in_its_own_letters(name):
    found = words(pdf_text(write_pdf(with_name(name), STAMP, ISSUED)))
    assert words(unicodedata.normalize("NFC", name)) in found


def test_what_the_fonts_lack_becomes_a_box_and_the_rest_stays():
    assert readable("中文 Ann 😀") == "□□ Ann □"
    assert "Ann" in pdf_text(write_pdf(with_name("中文 Ann 😀"), STAMP, ISSUED))


@pytest.mark.parametrize("odd", ["\x00\x07\x1b[31m", "\u202eevil\u202c", "\ud800", "\U000f0000", "\uffff"])
def test_characters_that_command_are_left_out(odd):
    assert not set(readable(f"Ann{odd}")) & set("\x00\x07\x1b\u202e\u202c")
    write_pdf(with_name(f"Ann{odd}"), STAMP, ISSUED)


@pytest.mark.parametrize(
    "long", ["x" * 10_000, "word " * 2_000, "é" * 10_000, "محمد " * 2_000, "\n" * 500, "👩‍👩‍👧" * 1_000]
)
def test_however_long_a_name_is_the_document_is_made(long):
    document = PdfReader(io.BytesIO(write_pdf(with_name(f"{long}End"), STAMP, ISSUED)))
    assert "$160.00" in "".join(page.extract_text() for page in document.pages)


def test_nothing_of_a_name_reaches_the_log_not_even_its_letters(caplog):
    caplog.set_level(0)
    write_pdf(with_name("中文名字 😀 Łukasiewicz"), STAMP, ISSUED)
    assert caplog.records == []


# Sums


def test_amounts_are_written_as_their_currency_counts():
    assert [amount(Money(160_00, code)) for code in ("USD", "EUR", "JPY", "KWD")] == [
        "$160.00",
        "€160.00",
        "¥16,000",
        "KWD16.000",
    ]


def test_tax_and_the_rest_add_up_to_the_total():
    said = list(text_of(write_invoice(BILLED, FRAME, Money(99_99, "USD"), "8.875", None), STAMP))
    at = said.index("Tax within it, 8.875%")
    assert (said[at - 1], said[at + 1], said[at + 3]) == ("$99.99", "$8.15", "$91.84")


def test_a_document_names_the_day_as_people_do():
    assert in_words(date(2027, 3, 1)) == "March 1, 2027"
    assert in_words(date(2027, 3, 1), "es") == "1 de marzo de 2027"
