"""Documents on pages: who gets which, page and PDF say the same, nothing private slips in, and staff leave a trace."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from practice.booking import actions as booking_actions
from practice.booking.lifecycle import Trigger
from practice.database import db
from practice.money import Money
from practice.papers.actions import destroy_document
from practice.papers.kinds import Kind
from practice.papers.models import Paper
from practice.payments import remedies
from practice.people import forget_person
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.fake_payments import FakePayments
from tests.support.offers import ADA, work_in
from tests.support.papers import DESK, NAME, attend, diagnose, introduce, make, numbers, register, said, write_estimates
from tests.support.paying import PRICE, Till
from tests.support.staff import audit, desk
from tests.support.story import Held, Practice

CODE = "F43.23"
IN_A_WEEK = MONDAY_TEN + timedelta(days=7)
CANARIES = {"alone_call": "yes", "self_harm": "passing", "access_needs": "a canary in the mine", "control": "often"}


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def held(practice: Practice, till: Till) -> Held:
    """A paid session that took place, of somebody with a diagnosis, where every document can be made."""
    register(practice)
    held = introduce(practice, practice.hold(MONDAY_NINE), **CANARIES)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    diagnose(practice, held, CODE)
    attend(practice, held)
    return held


def own(practice: Practice, held: Held) -> tuple[Browser, str]:
    return practice.browser(held.payer), f"/bookings/{held.reference}/documents"


def press(browser: Browser, page: str, kind: str, about: str) -> str:
    """Press the button of this kind; the address of the document."""
    shown = browser.get(page)
    answer = browser.send_form(shown, {"kind": kind, "about": about}, form="/documents")
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def token_on(browser: Browser, page: str) -> str:
    return csrf_of(browser.get(page).text)


def csrf_of(page: str) -> str:
    found = re.search(r'csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def text_of(page: str) -> str:
    """What the document on a page says, without what lays it out."""
    article = re.search(r"<article.*?</article>", page, re.S)
    assert article
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]+>", "", article[0])))


def pdf_text(content: bytes, number: str) -> str:
    pages = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return re.sub(r"\s+", "", re.sub(rf"Document {number}, page \d+ of \d+", "", pages))


def papers(practice: Practice) -> dict[Kind, str]:
    """The reference of the newest document of each kind."""
    with practice.app.app_context():
        return {one.kind: one.reference for one in db.session.scalars(select(Paper).order_by(Paper.id))}


@pytest.mark.parametrize("kind", ["receipt", "invoice", "superbill", "estimate"])
def test_page_and_pdf_say_the_same_under_a_neutral_name(practice: Practice, till: Till, held: Held, kind: str) -> None:
    write_estimates(practice)
    if kind == "estimate":
        held = introduce(practice, practice.hold(IN_A_WEEK))
    browser, page = own(practice, held)
    about = till.attempt(held).reference if kind in ("receipt", "invoice") else held.reference

    address = press(browser, page, kind, about)
    shown, file = browser.get(address), browser.get(f"{address}.pdf")

    [number] = numbers(practice)
    assert file.mimetype == "application/pdf"
    assert file.headers["Content-Disposition"] == f'attachment; filename="document-{number.lower()}.pdf"'
    assert {shown.headers["Cache-Control"], file.headers["Cache-Control"]} == {"no-store"}
    assert f"<title>Document {number} ·" in shown.text
    wanted = re.sub(r"\s+", "", said(practice, number))
    assert text_of(shown.text) == wanted
    assert pdf_text(file.data, number) == wanted
    assert NAME in shown.text


def test_looking_makes_nothing_and_asking_twice_makes_one(practice: Practice, till: Till, held: Held) -> None:
    browser, page = own(practice, held)
    browser.get(page)
    assert numbers(practice) == []
    first, second = (press(browser, page, "receipt", till.attempt(held).reference) for _ in range(2))

    assert first == second
    assert numbers(practice) == ["R2027-0001"]
    assert "Receipt R2027-0001" in browser.get(page).text


def test_somebody_else_gets_none_of_it(practice: Practice, till: Till, held: Held) -> None:
    browser, page = own(practice, held)
    address = press(browser, page, "receipt", till.attempt(held).reference)
    theirs = introduce(practice, practice.hold(MONDAY_TEN.replace(day=17)))
    other, other_page = own(practice, theirs)
    mine = address.rsplit("/", 1)[-1]

    for path in (page, address, f"{address}.pdf", f"{other_page}/{mine}", f"{other_page}/{mine}.pdf"):
        assert other.get(path).status_code == 404, path
        assert practice.browser().get(path).status_code == 404, path
    token = {
        "csrf_token": re.search(r'csrf_token" value="([^"]+)"', other.get(f"/bookings/{theirs.reference}").text)[1]
    }
    for path, about in ((page, till.attempt(held).reference), (other_page, till.attempt(held).reference)):
        assert other.post(path, data={"kind": "receipt", "about": about, **token}).status_code == 404, path
    assert numbers(practice) == ["R2027-0001"]


MATRIX = {  # who sees which document on staff's pages
    "owner": {Kind.RECEIPT, Kind.INVOICE, Kind.SUPERBILL},
    "coordinator": {Kind.RECEIPT, Kind.INVOICE},
    "clinician": {Kind.SUPERBILL},
    "their therapist": {Kind.SUPERBILL},
    "another therapist": set(),
}


@pytest.mark.parametrize("who", MATRIX)
def test_staff_see_and_make_what_is_theirs_and_the_rest_does_not_exist(
    practice: Practice, till: Till, held: Held, who: str
) -> None:
    about = {Kind.SUPERBILL: held.reference}
    for kind in (Kind.RECEIPT, Kind.INVOICE, Kind.SUPERBILL):
        make(practice, held, kind, about.get(kind, till.attempt(held).reference))
    if who.endswith("therapist"):
        browser = desk(practice, "therapist", therapist=ADA if who == "their therapist" else "noor-haddad")
    else:
        browser = desk(practice, who)
    home = f"/staff/documents/{held.reference}"
    page = browser.get(home)

    assert (page.status_code == 200) is bool(MATRIX[who])
    for kind, reference in papers(practice).items():
        for path in (f"{home}/{reference}", f"{home}/{reference}.pdf"):
            assert (browser.get(path).status_code == 200) is (kind in MATRIX[who]), (kind, path)
    assert (CODE in page.text) is (Kind.SUPERBILL in MATRIX[who])
    if not MATRIX[who]:
        return
    for kind in Kind:
        sent = {"kind": kind.value, "about": about.get(kind, till.attempt(held).reference)}
        token = token_on(browser, home)
        made = browser.post(home, data={**sent, "csrf_token": token}).status_code == 303
        assert made is (kind in MATRIX[who]), kind


@pytest.mark.parametrize("who", ["owner", "coordinator", "client"])
def test_an_estimate_is_offered_while_the_session_is_ahead_and_never_afterwards(
    practice: Practice, till: Till, held: Held, who: str
) -> None:
    write_estimates(practice)
    ahead = introduce(practice, practice.hold(IN_A_WEEK))
    staff = desk(practice, who) if who != "client" else None
    for one, status in ((held, 422), (ahead, 303)):
        browser, home = own(practice, one) if staff is None else (staff, f"/staff/documents/{one.reference}")
        page = browser.get(home)
        assert ('value="estimate"' in page.text) is (status == 303)
        sent = {"kind": "estimate", "about": one.reference, "csrf_token": csrf_of(page.text)}
        assert browser.post(home, data=sent).status_code == status
    assert numbers(practice) == ["E2027-0001"]


def test_whoever_coordinates_never_reads_a_diagnosis_nor_that_there_is_one(
    practice: Practice, till: Till, held: Held
) -> None:
    make(practice, held, Kind.SUPERBILL)
    browser = desk(practice, "coordinator")
    with_one = browser.get(f"/staff/documents/{held.reference}").text
    for word in (CODE, "iagnosis", "superbill", "S2027"):
        assert word not in with_one, word


def test_each_look_and_each_file_of_staff_stands_in_the_access_log(practice: Practice, till: Till, held: Held) -> None:
    browser = desk(practice, "coordinator")
    address = press(browser, f"/staff/documents/{held.reference}", "receipt", till.attempt(held).reference)
    browser.get(address)
    browser.get(f"{address}.pdf")

    kinds = ("documents_listed", "document_issued", "document_viewed", "document_printed")
    seen = [(action, subject) for _, action, subject in audit(practice, *kinds)]
    assert seen == [(kind, held.reference) for kind in kinds]


def test_whatever_is_refused_stands_in_the_access_log(practice: Practice, till: Till, held: Held) -> None:
    make(practice, held, Kind.SUPERBILL)
    [reference] = papers(practice).values()
    home = f"/staff/documents/{held.reference}"
    stranger, coordinator = desk(practice, "therapist", therapist="noor-haddad"), desk(practice, "coordinator")
    token = token_on(stranger, "/staff/account")

    for answer in (
        stranger.get(home),
        stranger.get(f"{home}/{reference}"),
        stranger.get(f"{home}/{reference}.pdf"),
        stranger.post(home, data={"kind": "superbill", "about": "", "csrf_token": token}),
        stranger.post(f"{home}/diagnosis", data={"code": "F41.1", "seen": "", "csrf_token": token}),
        coordinator.get(f"{home}/{reference}"),
    ):
        assert answer.status_code == 404
    assert [subject for _, _, subject in audit(practice, "document_refused")] == [held.reference] * 6


def test_no_answer_but_name_and_birth_is_in_any_document(practice: Practice, till: Till, held: Held) -> None:
    attempt = till.attempt(held).reference
    for kind in (Kind.RECEIPT, Kind.INVOICE, Kind.SUPERBILL):
        make(practice, held, kind, attempt if kind in (Kind.RECEIPT, Kind.INVOICE) else held.reference)
    browser = practice.browser(held.payer)

    for reference in papers(practice).values():
        page = browser.get(f"/bookings/{held.reference}/documents/{reference}").text
        for secret in ("canary", "robin@mail", "repair", "hurt", "Captions", "lying", "Noor"):
            assert secret not in page.split("<article", 1)[1].split("</article>")[0].replace(NAME, ""), secret


@pytest.mark.parametrize("what", ["missed", "given back"])
def test_pages_say_that_a_superbill_of_what_is_no_longer_so_must_not_be_used(
    practice: Practice, till: Till, held: Held, what: str
) -> None:
    make(practice, held, Kind.SUPERBILL)
    [reference] = papers(practice).values()
    client, staff = practice.browser(held.payer), desk(practice, "owner")
    pages = [
        (who, f"{home}{held.reference}{rest}{page}")
        for who, home, rest in ((client, "/bookings/", "/documents"), (staff, "/staff/documents/", ""))
        for page in ("", f"/{reference}")
    ]
    assert not any("must not be used" in who.get(page).text for who, page in pages)

    with work_in(practice) as work:
        if what == "missed":
            booking_actions.mark(work, booking_actions.lock(work, held.reference), Trigger.NO_SHOW)
        else:
            price = Money(PRICE, "USD")
            remedies.give_back(work, held.reference, price, kept=price, actor=DESK, reason="They waited")
    practice.work_until_idle()

    for who, page in pages:
        assert "must not be used" in who.get(page).text, page


# The diagnosis


def test_a_clinician_enters_corrects_and_takes_back_and_the_history_stays(practice: Practice, held: Held) -> None:
    browser = desk(practice, "clinician")
    home = f"/staff/documents/{held.reference}"
    for code in ("f41.1", ""):
        assert browser.submit(home, {"code": code}, form="/diagnosis").status_code == 302

    page = browser.get(home).text
    assert page.index("Taken back") < page.index("F41.1") < page.index(CODE)
    assert len(audit(practice, "diagnosis_entered")) == 3


def test_a_code_that_is_none_is_refused_at_its_field_and_kept_for_mending(practice: Practice, held: Held) -> None:
    browser = desk(practice, "clinician")
    refused = browser.submit(f"/staff/documents/{held.reference}", {"code": "43-F"}, form="/diagnosis")

    assert refused.status_code == 422
    assert 'value="43-F"' in refused.text
    assert "Write the code like F43.23" in refused.text
    assert len(audit(practice, "diagnosis_entered")) == 1


def test_two_clinicians_never_write_over_one_another_unseen(practice: Practice, held: Held) -> None:
    browser, home = desk(practice, "clinician"), f"/staff/documents/{held.reference}"
    page = browser.get(home)
    diagnose(practice, held, "F99")

    lost = browser.send_form(page, {"code": "F41.1"}, form="/diagnosis")

    assert lost.status_code == 409
    assert "F41.1" not in lost.text
    assert "F99" in lost.text


@pytest.mark.parametrize("who", ["owner", "coordinator", "another therapist"])
def test_nobody_else_enters_one(practice: Practice, held: Held, who: str) -> None:
    browser = (
        desk(practice, who) if who != "another therapist" else desk(practice, "therapist", therapist="noor-haddad")
    )
    token = token_on(browser, "/staff/account")
    sent = {"code": "F41.1", "seen": "", "csrf_token": token}

    assert browser.post(f"/staff/documents/{held.reference}/diagnosis", data=sent).status_code == 404
    assert len(audit(practice, "diagnosis_entered")) == 1


# What is missing, and who is gone


def test_the_page_says_what_a_superbill_still_needs(practice: Practice, till: Till) -> None:
    held = introduce(practice, practice.hold(MONDAY_NINE))
    browser, page = own(practice, held)

    shown = browser.get(page).text
    assert "What is still missing before we can write a statement for your insurer" in shown
    for words in ("not taken place yet", "It is not paid", "no service code", "Ask your therapist"):
        assert words in shown, words
    desks = desk(practice, "clinician").get(f"/staff/documents/{held.reference}").text
    for words in ("Nobody has noted that they came", "It is not paid", "Setting up, Documents", "No diagnosis is"):
        assert words in desks, words
    assert "Ask your therapist" not in desks
    token = token_on(browser, f"/bookings/{held.reference}")
    refused = browser.post(page, data={"kind": "superbill", "about": "", "csrf_token": token})
    assert (refused.status_code, numbers(practice)) == (422, [])


@pytest.mark.parametrize(
    ("kind", "about"), [("nonsense", ""), ("", ""), ("credit_note", ""), ("receipt", ""), ("receipt", "x" * 99)]
)
def test_what_no_button_sends_makes_nothing(practice: Practice, held: Held, kind: str, about: str) -> None:
    browser, page = own(practice, held)

    assert browser.send_form(browser.get(page), {"kind": kind, "about": about}, form="/documents").status_code == 404
    assert numbers(practice) == []


def test_of_somebody_who_is_forgotten_staff_see_what_the_books_need(practice: Practice, till: Till, held: Held) -> None:
    make(practice, held, Kind.INVOICE, till.attempt(held).reference)
    reference = papers(practice)[Kind.INVOICE]
    with work_in(practice) as work:
        forget_person(work, practice.person(held.payer))
    browser, home = desk(practice, "owner"), f"/staff/documents/{held.reference}"
    assert NAME in browser.get(f"{home}/{reference}").text
    with work_in(practice) as work:
        destroy_document(work, "worker", reference)

    shown = browser.get(f"{home}/{reference}").text
    for words in ("I2027-0001", "$160", "is erased"):
        assert words in shown, words
    assert NAME not in shown
    assert browser.get(f"{home}/{reference}.pdf").status_code == 404
    page = browser.get(home)
    assert page.status_code == 200
    refused = browser.send_form(page, {"kind": "receipt", "about": till.attempt(held).reference}, form="/documents")
    assert refused.status_code == 422
    assert "This person was erased" in refused.text


def test_of_somebody_who_is_forgotten_no_diagnosis_is_entered(practice: Practice, held: Held) -> None:
    browser, home = desk(practice, "clinician"), f"/staff/documents/{held.reference}"
    page = browser.get(home)
    with work_in(practice) as work:
        forget_person(work, practice.person(held.payer))

    shown = browser.get(home)
    refused = browser.send_form(page, {"code": "F41.1", "seen": ""}, form="/diagnosis")

    assert "/diagnosis" not in shown.text
    assert refused.status_code == 422
    assert "This person was erased" in refused.text
