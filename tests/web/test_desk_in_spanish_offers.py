"""The desk's pages of therapists, offerings, help lines and agreements in Spanish, and what a practice writes itself on
public pages: nothing is English but what has no Spanish, and that says so.
"""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select

from practice.booking.offers.models import Offering, Therapist
from practice.consents.shipped import shipped_for
from practice.profile import NO_SECRETS, profile
from practice.work import begin_work
from tests.support.consents import document, reword, with_documents
from tests.support.intake import answer_until
from tests.support.offers import ADA, COUPLE, IN_PERSON
from tests.support.spanish import english_on, in_spanish, words_on
from tests.support.staff import desk
from tests.support.story import Practice

pytestmark = pytest.mark.databases("sqlite")  # words alone
ROOMS = ("common", "consents", "offers")
SETUP = "/staff/setup"
ABOUT, OFFERING, LINE = f"{SETUP}/therapists/{ADA}/about", f"{SETUP}/offerings/{COUPLE}", f"{SETUP}/lines/US/crisis/0"
REFERRAL = f"{SETUP}/referrals/new"
PAGES = [
    f"{SETUP}/",
    f"{SETUP}/therapists/new",
    f"{SETUP}/therapists/retired",
    ABOUT,
    f"{SETUP}/therapists/{ADA}/retire",
    f"{SETUP}/therapists/{ADA}",
    f"{SETUP}/offerings",
    f"{SETUP}/offerings/new",
    OFFERING,
    f"{SETUP}/offerings/{IN_PERSON}",
    f"{SETUP}/lines",
    LINE,
    f"{SETUP}/lines/GB/abuse/3",
    f"{SETUP}/agreements",
    f"{SETUP}/agreements/privacy",
    f"{SETUP}/agreements/couple",
    f"{SETUP}/agreements/privacy/new",
    f"{SETUP}/agreements/secrets/no_secrets",
]
OTHER_LANGUAGES = re.compile(r"<[^>]*hreflang=[^>]*>(English)?")
PUBLIC = ["/", "/fees", f"/therapists/{ADA}", f"/times/{ADA}?offering={COUPLE}", "/schedule", "/embed/es/times"]
OF_THE_PRACTICE = ("Couples therapist", "Slowly, and with both", "Couple session, 50", "Individual session", ">English")
SHOWN = ("therapy", "privacy", "couple")  # agreements whose English stands beside their Spanish


def english_left(practice: Practice, page: str) -> list[str]:
    """The pieces of English on a page of the desk, agreements in English aside."""
    with practice.app.app_context():
        texts = [" ".join(shipped_for(profile(), NO_SECRETS).wording.exact.split())]
    texts += [" ".join(document(practice, key).wording.exact.split()) for key in SHOWN]
    return [piece for piece in english_on(page, *ROOMS) if not any(piece in text for text in texts)]


@pytest.fixture
def owner(practice):
    browser = desk(practice, "owner")
    assert browser.get(f"{SETUP}/?lang=es").status_code == 200
    return browser


@pytest.fixture
def story(practice: Practice, owner):
    """Something to show: a line of the practice's own, an archived offering, words that lack their Spanish."""
    with_documents(practice)
    reword(practice, "privacy", languages=["en"])
    with practice.app.app_context(), begin_work() as work:
        work.session.scalars(select(Offering).where(Offering.slug == IN_PERSON)).one().active = False
        work.session.scalars(select(Offering).where(Offering.slug == COUPLE)).one().other_words = {}
    assert owner.submit(LINE).status_code == 302
    return practice


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_desk_leaves_nothing_in_english(story, owner, path):
    answer = owner.get(path)

    assert answer.status_code == 200
    assert english_left(story, answer.text) == []


def test_without_documents_and_therapists_the_pages_are_spanish_too(practice, owner):
    with practice.app.app_context(), begin_work() as work:
        for therapist in work.session.scalars(select(Therapist)):
            therapist.active = False

    for path in (f"{SETUP}/", f"{SETUP}/agreements", f"{SETUP}/therapists/retired"):
        assert english_on(owner.get(path).text, *ROOMS) == []


@pytest.mark.parametrize(
    ("path", "field", "words"),
    [
        (ABOUT, "es_title", "Title, en español: falta."),
        (ABOUT, "es_approach", "en español: falta."),
        (OFFERING, "es_name", "en español: falta."),
        (LINE, "es_how", "Cómo comunicarse, en español: falta."),
        (LINE, "es_hours", "Cuándo, y cuánto cuesta, en español: falta."),
        (f"{SETUP}/agreements/privacy/new", "es_title", "Título, en español: falta."),
    ],
)
def test_what_is_missing_in_spanish_is_said_in_spanish_at_its_field(practice, owner, path, field, words):
    with_documents(practice)

    sent = owner.submit(path, {field: " "})

    assert sent.status_code == 422
    assert f'href="#{field}"' in sent.text
    assert words.removeprefix("Title, ") in words_on(sent.text)


def test_a_referral_needs_every_language_and_keeps_what_was_typed(practice, owner):
    typed = {"name": "Harbour Clinic", "what_for": "help with drinking", "place": "Hudson", "phone": "555 010 0100"}

    sent = owner.submit(REFERRAL, typed)
    assert sent.status_code == 422
    for kept in ("#es_what_for", "#es_place", "help with drinking"):
        assert kept in sent.text

    spanish = {"es_what_for": "ayuda con el alcohol", "es_place": "en Hudson"}
    assert owner.submit(REFERRAL, {**typed, "web": "https://harbour.example", **spanish}).status_code == 302
    assert "ayuda con el alcohol" in owner.get(f"{SETUP}/referrals").text


def test_what_changes_in_an_agreement_is_looked_at_in_spanish(story, owner):
    page = f"{SETUP}/agreements/therapy/new"
    looked = owner.submit(page, {"body": f"{document(story, 'therapy').wording.body}\n\nMore."})

    assert looked.status_code == 200
    assert "No cambian todos los idiomas" in looked.text
    assert english_left(story, looked.text) == []


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_says_what_the_practice_wrote_in_the_readers_language(practice, path):
    page = OTHER_LANGUAGES.sub("", html.unescape(in_spanish(practice.browser()).get(path).text))

    assert [english for english in OF_THE_PRACTICE if english in page] == []
    assert 'lang="en"' not in page


def test_what_lacks_its_spanish_stays_up_in_english_and_says_so(practice):
    with practice.app.app_context(), begin_work() as work:
        work.session.scalars(select(Therapist).where(Therapist.slug == ADA)).one().other_words = {}
        work.session.scalars(select(Offering).where(Offering.slug == COUPLE)).one().other_words = {}

    page = in_spanish(practice.browser()).get(f"/therapists/{ADA}").text

    assert '<span lang="en">Couples therapist</span>' in page
    assert '<div class="prose flow" lang="en">' in page
    assert '<span lang="en">Couple session, 50 minutes</span>' in page
    assert "Sesión individual, 50 minutos" in page
    assert "lang=" not in practice.browser().get(f"/therapists/{ADA}").text.partition("<main")[2].partition("</main")[0]


def test_help_lines_of_the_practices_own_are_read_in_spanish(practice, owner):
    new = {"name": "Night Line", "how": "Call 555 0100", "hours": "at night", "dial": "5550100", "web": ""}
    spanish = {"es_how": "Llame al 555 0100", "es_hours": "de noche"}
    source = {"source": "nightline.example", "checked": "2027-05-01"}
    assert owner.submit(LINE, {**new, **spanish, **source}).status_code == 302

    reader = in_spanish(practice.browser())
    answer_until(reader, 7)
    assert "Llame al 555 0100" in words_on(reader.get("/intake/support").text)
