"""What a client reads beforehand about what others may see is what is really sent, in each language."""

from __future__ import annotations

import html
import re

import pytest

from practice.connections import mail_from
from practice.languages import DEFAULT
from practice.notify.mailer import Sender
from practice.payments.gateway import CheckoutParameters
from practice.payments.stripe_asking import session_params
from practice.people import Contact, Person, save_contact
from practice.profile import ONLY, PracticeProfile
from practice.speaking import translations
from tests.support.clock import MONDAY_NINE
from tests.support.couples import practice_couple
from tests.support.offers import work_in
from tests.support.papers import introduce
from tests.support.paying import Till

pytestmark = pytest.mark.databases("sqlite")
TITLES = {"en": "Appointment", "es": "Cita"}
TIMES = {"en": "9:00 am to 9:50 am Eastern Time", "es": "9:00 a.m. a 9:50 a.m., hora oriental"}


@pytest.fixture(params=sorted(TITLES))
def language(request):
    return request.param


@pytest.fixture
def held(practice, language):
    """A time that somebody holds who is written to in this language."""
    held = introduce(practice, practice.hold(MONDAY_NINE))
    with work_in(practice) as work:
        work.session.get_one(Person, held.payer.person_id).language = language
        work.session.get_one(PracticeProfile, ONLY).statement_name = "QUIET HOUSE"
    return held


def preview(practice, held):
    """What the page before paying shows on a phone, in a calendar and on a statement: the lines of each.

    Read in English: what others see doesn't follow the page.
    """
    page = practice.browser(held.payer).get(f"/bookings/{held.reference}/pay?lang=en")
    assert page.status_code == 200, page.location
    shown = re.findall(r'<blockquote class="glimpse-face[^>]*>(.*?)</blockquote>', page.text, re.DOTALL)
    return [[html.unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in one.split("<br>")] for one in shown]


def paid(practice, held, payments):
    till = Till(practice, payments)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()


def summary(calendar):
    return re.search(rb"SUMMARY:(.*?)\r\n", calendar)[1].decode()


def test_the_letter_that_is_shown_is_the_letter_that_comes(practice, held, mailer, payments):
    (sender, subject, first_line), *_ = preview(practice, held)
    paid(practice, held, payments)

    letter = mailer.last_to(held.payer.email)
    assert letter.subject == subject
    assert " ".join(letter.text.split()).startswith(first_line)
    with practice.app.app_context():
        mailer.sender = Sender.parse(mail_from())
    assert sender in {letter.message["From"].addresses[0].display_name, mailer.sender.name}
    assert mailer.sender.name == sender


def test_the_calendar_that_is_shown_is_the_calendar_that_comes(practice, held, mailer, payments, language):
    _, (title, _), _ = preview(practice, held)
    paid(practice, held, payments)

    downloaded = practice.browser(held.payer).get(f"/bookings/{held.reference}.ics").data
    mailed = mailer.last_to(held.payer.email).calendar
    assert {summary(downloaded), summary(mailed)} == {title} == {TITLES[language]}


def test_what_others_may_see_is_in_one_language_whatever_the_page_speaks(practice, held, language):
    browser, paying = practice.browser(held.payer), f"/bookings/{held.reference}/pay"
    pages = {spoken: browser.get(f"{paying}?lang={spoken}").text for spoken in TITLES}

    assert preview(practice, held)[1][1] == TIMES[language]
    said = {spoken for spoken, page in pages.items() if "We write to you in" in page or "Le escribimos en" in page}
    assert said == set(TITLES) - {language}


def test_each_of_two_reads_their_calendar_in_their_own_language(practice):
    one, other = practice_couple(practice)
    held = practice.hold(MONDAY_NINE, one)
    practice.confirm(held)
    with work_in(practice) as work:
        work.session.get_one(Person, other.person_id).language = "es"

    address = f"/bookings/{held.reference}.ics"
    assert summary(practice.browser(one).get(address).data) == "Appointment"
    assert summary(practice.browser(other).get(address).data) == "Cita"


def test_the_statement_is_the_accounts_own_and_nothing_that_we_send_changes_it(practice, held, payments, monkeypatch):
    *_, statement = preview(practice, held)
    asked: list[CheckoutParameters] = []
    create = payments.create_checkout
    monkeypatch.setattr(payments, "create_checkout", lambda what, key: (asked.append(what), create(what, key))[1])
    Till(practice, payments).open(held)

    sent = session_params(asked[0], translations(asked[0].language or DEFAULT).gettext)
    assert statement == ["QUIET HOUSE $160"]
    assert "statement_descriptor" not in str(sent)
    word = sent["line_items"][0]["price_data"]["product_data"]["name"]
    assert sent["payment_intent_data"]["description"] == word
    assert f"“{word}”" in practice.browser(held.payer).get(f"/bookings/{held.reference}/pay?lang=en").text


def test_whoever_is_written_to_in_spanish_pays_on_a_page_in_spanish(practice, held, payments, monkeypatch):
    with work_in(practice) as work:
        work.session.get_one(Person, held.payer.person_id).language = "es"
    asked: list[CheckoutParameters] = []
    create = payments.create_checkout
    monkeypatch.setattr(payments, "create_checkout", lambda what, key: (asked.append(what), create(what, key))[1])
    Till(practice, payments).open(held)

    assert [one.language for one in asked] == ["es"]
    assert "“Cita”" in practice.browser(held.payer).get(f"/bookings/{held.reference}/pay?lang=en").text


def test_whoever_takes_no_letters_reads_that_nothing_shows_on_a_phone(practice, held):
    with work_in(practice) as work:
        person = work.session.get_one(Person, held.payer.person_id)
        save_contact(person, Contact("Robin", "robin@mail.example", "+1 555 010 0199", ("call",)))

    phone, calendar, _ = preview(practice, held)
    assert (phone, len(calendar)) == (["Nothing"], 2)


def test_the_page_says_where_to_change_it(practice, held):
    page = practice.browser(held.payer).get(f"/bookings/{held.reference}/pay?lang=en").text
    assert 'No letters, another address, no calls: <a href="/you/contact">How we reach you</a>.' in page


def test_both_who_come_read_the_same_three_sentences_for_tonight(practice):
    one, other = practice_couple(practice)
    held = practice.hold(MONDAY_NINE, one)
    practice.confirm(held)
    pages = [practice.browser(who).get(f"/bookings/{held.reference}").text for who in (one, other)]

    tonight = [re.search(r'<aside class="tonight".*?</aside>', page, re.DOTALL)[0] for page in pages]
    assert tonight[0] == tonight[1]
    assert tonight[0].count("<p>") == 3
