"""What people agree to has its words in each language; what somebody agreed to stays in the words that they saw."""

from __future__ import annotations

import html
import json

import pytest
from sqlalchemy import delete, select, update

from practice.audit import AuditEntry
from practice.consents.actions import install
from practice.consents.models import ConsentText
from practice.consents.queries import get_text
from practice.database import db
from practice.languages import LANGUAGES
from practice.profile import PracticeProfile
from practice.work import begin_work
from tests.support.consents import AGREE, accept, agree, consents_of, document, reword, with_documents

KEYS = ("therapy", "privacy")


@pytest.fixture
def robin(practice):
    with_documents(practice)
    return practice.new_client()


def spanish(practice, client):
    browser = practice.browser(client)
    browser.get(f"{AGREE}?then=/you&lang=es")
    return browser


def texts(practice, key):
    """Every text of a document, by version and language."""
    with practice.app.app_context(), begin_work() as work:
        rows = work.session.scalars(select(ConsentText).where(ConsentText.document == key))
        return {(row.version, row.language): row.read() for row in rows}


def in_spanish(practice, key):
    return texts(practice, key)[1, "es"]


def test_each_language_has_the_same_documents_in_words_of_its_own(practice, robin):
    for key in ("therapy", "couple", "privacy", "telehealth", "mail"):
        found = texts(practice, key)
        assert set(found) == {(1, language) for language in LANGUAGES}
        english, other = found[1, "en"], found[1, "es"]
        assert len({english.sha256, other.sha256, english.title, other.title, english.summary, other.summary}) == 6
        assert english.wording.body.count("\n## ") == other.wording.body.count("\n## ")
        assert english.wording.body.count("\n- ") == other.wording.body.count("\n- ")
        assert (english.asked_of, english.required, english.policy) == (other.asked_of, other.required, other.policy)
        assert "[" not in other.wording.exact
    assert practice.breaches() == []


def test_the_page_asks_in_spanish_and_what_is_kept_is_the_text_that_was_shown(practice, robin):
    browser = spanish(practice, robin)
    page = html.unescape(browser.get(f"{AGREE}?then=/you").text)
    for key in KEYS:
        assert in_spanish(practice, key).summary in page
        assert document(practice, key).summary not in page
    assert "Antes de seguir" in page

    ticked = {key: str(in_spanish(practice, key).number) for key in KEYS}
    assert browser.submit(f"{AGREE}?then=/you", ticked).status_code == 302

    given = {one.document: one for one in consents_of(practice, robin)}
    for key in KEYS:
        shown = in_spanish(practice, key)
        assert (given[key].text_id, given[key].sha256, given[key].version) == (shown.number, shown.sha256, 1)
    assert practice.breaches() == []


def test_what_somebody_agreed_to_is_shown_in_its_own_language_whatever_they_speak_later(practice, robin):
    accept(practice, robin, *KEYS)
    [therapy, _] = consents_of(practice, robin)
    browser = spanish(practice, robin)

    page = html.unescape(browser.get(f"/you/agreed/{therapy.reference}").text)
    assert document(practice, "therapy").summary in page
    assert in_spanish(practice, "therapy").summary not in page
    for element in ("<h1", "<p", '<div class="prose"'):  # in the voice of its own language
        assert f'{element} lang="en">' in page
    assert f'{therapy.reference}" lang="en">' in browser.get("/you/agreed").text


def test_nobody_is_asked_again_because_of_a_language(practice, robin):
    accept(practice, robin, "therapy", "privacy", "mail")

    answer = spanish(practice, robin).get(f"{AGREE}?then=/you")
    assert (answer.status_code, answer.location) == (302, "/you")


def test_a_tick_under_the_words_of_another_language_agrees_to_nothing(practice, robin):
    english = {key: str(document(practice, key).number) for key in KEYS}

    answer = spanish(practice, robin).submit(f"{AGREE}?then=/you", english)

    assert answer.status_code == 422
    assert "está aquí con otras palabras que las que usted marcó" in answer.text
    assert consents_of(practice, robin) == []


def test_of_a_version_in_english_alone_who_reads_spanish_is_told_that_it_is_in_english(practice, robin):
    browser = spanish(practice, robin)
    browser.submit(f"{AGREE}?then=/you", {key: str(in_spanish(practice, key).number) for key in KEYS})
    newer = reword(practice, "privacy", languages=["en"])

    page = html.unescape(browser.get(f"{AGREE}?then=/you").text)
    assert "Usted aceptó palabras anteriores." in page
    assert "Estas palabras solo existen en otro idioma." in page
    assert f'<p lang="en">{newer.summary}</p>' in page
    agree(browser, practice, "privacy")
    assert [(one.document, one.version) for one in consents_of(practice, robin) if one.stands] == [
        ("therapy", 1),
        ("privacy", 2),
    ]
    assert practice.breaches() == []


def test_each_text_has_an_address_and_leads_to_the_other_language(practice, robin):
    english, other = document(practice, "privacy"), in_spanish(practice, "privacy")
    browser = practice.browser()

    page = browser.get(f"/intake/agree/{english.number}").text
    assert f'href="/intake/agree/{other.number}?lang=es" hreflang="es" lang="es">Español: {other.title}</a>' in page
    assert '<a href="/">To the front page</a>' in page.partition("<main")[2].partition("</main>")[0]
    at_home = practice.browser(robin).get(f"/intake/agree/{english.number}").text
    assert '<a href="/you">Your page</a>' in at_home.partition("<main")[2].partition("</main>")[0]
    assert "This is an earlier version" not in page
    with practice.app.app_context():
        exact = get_text(other.number).wording.exact
    assert browser.get(f"/intake/agree/{other.number}.txt").text == exact


def test_a_practice_that_has_our_words_in_english_gets_the_others_and_keeps_its_own(practice, robin):
    reword(practice, "mail", languages=["en"])
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(delete(ConsentText).where(ConsentText.language == "es"))
    for _ in range(2):
        with practice.app.app_context(), begin_work() as work:
            install(work, "command")

    assert set(texts(practice, "privacy")) == {(1, "en"), (1, "es")}
    assert set(texts(practice, "mail")) == {(1, "en"), (2, "en")}
    assert practice.breaches() == []


def test_a_practice_that_moved_since_gets_them_with_what_stands_in_its_own(practice, robin):
    before = texts(practice, "therapy")[1, "es"], texts(practice, "telehealth")[1, "es"]
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(delete(ConsentText).where(ConsentText.language == "es"))
        moved = {"phone": "+1 555 010 0199", "email": "new@practice.example", "desk_hours": "tue 10:00-12:00"}
        work.session.execute(update(PracticeProfile).values(**moved))
    with practice.app.app_context(), begin_work() as work:
        install(work, "command")

    after = texts(practice, "therapy")[1, "es"], texts(practice, "telehealth")[1, "es"]
    assert [one.wording for one in after] == [one.wording for one in before]
    assert practice.breaches() == []


def test_each_text_stands_in_the_audit_log_with_its_language_and_fingerprint(practice, robin):
    with practice.app.app_context():
        rows = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "consent_text_published"))
        told = [(row.subject, json.loads(row.detail)) for row in rows]
        logged = {(key, detail["language"]): detail["sha256"] for key, detail in told}

    for key in ("therapy", "couple", "privacy", "telehealth", "mail"):
        for language in LANGUAGES:
            assert logged[key, language] == texts(practice, key)[1, language].sha256
