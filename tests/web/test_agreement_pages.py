"""The owner's pages for what people agree to, the desk's view of who has, and the command."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from practice.consents.documents import fingerprint
from practice.consents.models import Consent
from practice.consents.queries import find_documents, find_texts
from practice.database import db
from practice.languages import LANGUAGES
from practice.profile import profile
from practice.setup import agreement_commands
from practice.setup.agreement_forms import given_words
from tests.support.consents import accept, agree, document, more_words, reword, with_documents
from tests.support.intake import answer, answer_until, part
from tests.support.staff import audit, desk

HOME = "/staff/setup/agreements"


@pytest.fixture
def owner(practice):
    return desk(practice, "owner")


def written(practice, key, added="One more sentence."):
    with practice.app.app_context():
        return given_words(more_words(find_texts(key), added))


def test_without_documents_the_owner_can_install_ours_and_then_reads_them(practice, owner):
    assert "Install these texts" in owner.get(HOME).text

    assert owner.submit(HOME).location == HOME

    page = owner.get(HOME).text
    assert ". 0 people have agreed to it." in page
    for key in ("therapy", "couple", "privacy", "telehealth", "mail"):
        assert document(practice, key).title in page
    assert "a lawyer should read it" in page
    assert len(audit(practice, "consent_text_published")) == 5 * len(LANGUAGES)


def test_a_new_version_is_looked_at_before_it_is_published_and_then_everybody_is_asked_again(practice, owner):
    with_documents(practice)
    client = practice.new_client()
    accept(practice, client)

    looked = owner.submit(f"{HOME}/privacy/new", written(practice, "privacy"))
    assert looked.status_code == 200
    assert '<ins><span class="visually-hidden" lang="en">New: </span>One more sentence.</ins>' in looked.text
    assert "Everybody is asked again" in looked.text
    assert "1 person has agreed to version 1" in looked.text
    assert document(practice, "privacy").version == 1

    published = owner.send_form(looked, form=-2)
    assert published.location == f"{HOME}/privacy"
    assert document(practice, "privacy").version == 2
    page = owner.get(f"{HOME}/privacy").text
    assert page.index("Version 2</a>") < page.index("Version 1</a>")
    assert "Nobody has agreed to it yet." in page
    assert "1 agreement stands." in page
    assert "0 agreement" not in page
    assert page.count('<summary class="fine">Fingerprint</summary>') == 2
    assert "Read, and agree" in practice.browser(client).get("/you").text
    [*_, (_, action, subject)] = audit(practice, "consent_text_published")
    assert (action, subject) == ("consent_text_published", "privacy")


def test_what_was_changed_after_looking_is_looked_at_again(practice, owner):
    with_documents(practice)
    looked = owner.submit(f"{HOME}/privacy/new", written(practice, "privacy"))

    again = owner.send_form(looked, written(practice, "privacy", "Something else."), form=-2)

    assert again.status_code == 200
    assert "Something else." in again.text
    assert document(practice, "privacy").version == 1


@pytest.mark.parametrize("field", ["title", "summary", "body", "es_title", "es_summary", "es_body"])
def test_nothing_can_be_left_empty_and_what_was_typed_stays(practice, owner, field):
    with_documents(practice)

    sent = owner.submit(f"{HOME}/privacy/new", {**written(practice, "privacy", "Kept."), field: " "})

    assert sent.status_code == 422
    assert f'href="#{field}"' in sent.text
    assert "Kept." in sent.text


def test_of_two_owners_who_publish_the_second_is_told_and_sees_what_stands_now(practice, owner):
    with_documents(practice)
    looked = owner.submit(f"{HOME}/privacy/new", written(practice, "privacy", "The second one’s."))
    reword(practice, "privacy", "The first one’s.")

    late = owner.send_form(looked, form=-2)

    assert late.status_code == 409
    assert "The words have changed meanwhile" in late.text
    assert "The second one’s." in late.text
    assert '<del><span class="visually-hidden" lang="en">Gone: </span>The first one’s.</del>' in late.text
    assert document(practice, "privacy").version == 2
    assert owner.send_form(late, form=-2).status_code == 302  # they have seen it by now
    assert document(practice, "privacy").version == 3


def test_the_same_words_are_not_published(practice, owner):
    with_documents(practice)
    with practice.app.app_context():
        words = {language: one.wording for language, one in find_texts("privacy").items()}
    same = {name: text.replace("\n", "\r\n") for name, text in given_words(words).items()}

    looked = owner.submit(f"{HOME}/privacy/new", same)
    assert "This says the same as version 1" in looked.text
    forced = owner.send_form(looked, {**same, "previewed": fingerprint(words)})

    assert forced.status_code == 422
    assert document(practice, "privacy").version == 1


def test_a_language_that_a_version_lacks_is_added_to_it_and_nobody_is_asked_again(practice, owner):
    with_documents(practice)
    reword(practice, "privacy", languages=["en"])
    client = practice.new_client()
    accept(practice, client)
    assert "Not written in Spanish yet" in owner.get(HOME).text
    assert "It is not written in Spanish yet" in owner.get(f"{HOME}/privacy").text

    spanish = {"es_title": "Aviso de privacidad", "es_summary": "Qué guardamos.", "es_body": "Todo *esto*."}
    looked = owner.submit(f"{HOME}/privacy/new", spanish)
    assert "Add it to version 2" in looked.text
    assert "Everybody is asked again" not in looked.text
    assert owner.send_form(looked, form=-2).location == f"{HOME}/privacy"

    assert document(practice, "privacy").version == 2
    assert "Not written" not in owner.get(HOME).text
    assert "Read, and agree" not in practice.browser(client).get("/you").text
    with practice.app.app_context():
        assert find_texts("privacy")["es"].wording.body == "Todo *esto*."
    assert practice.breaches() == []


def test_how_secrets_are_kept_and_the_text_for_two_change_in_one_step(practice, owner):
    with_documents(practice)
    assert "Keep no secrets instead" in owner.get(HOME).text
    page = owner.get(f"{HOME}/secrets/no_secrets")
    looked = owner.send_form(page)
    assert looked.status_code == 200
    with practice.app.app_context():
        assert profile().secrets_policy == "limited"

    assert owner.send_form(looked, form=-2).location == f"{HOME}/couple"

    with practice.app.app_context():
        assert (profile().secrets_policy, find_documents()["couple"].policy) == ("no_secrets", "no_secrets")
    assert owner.get(f"{HOME}/secrets/no_secrets").status_code == 404
    back = owner.get(f"{HOME}/secrets/limited").text
    assert "within limits" in back
    assert [who.startswith("staff:") for who, *_ in audit(practice, "secrets_policy_set")] == [True]


def test_only_owners_open_these_pages(practice):
    with_documents(practice)
    for role in ("coordinator", "clinician"):
        browser = desk(practice, role)
        for path in (HOME, f"{HOME}/privacy", f"{HOME}/privacy/new", f"{HOME}/secrets/no_secrets"):
            assert browser.get(path).status_code == 404


@pytest.fixture
def request_of(practice):
    """Somebody's request on the desk, with what they agreed to."""
    with_documents(practice)
    browser = practice.browser()
    answer_until(browser, 3)
    agree(browser, practice, "therapy", "couple", "privacy", then=part(4))
    for number in (4, 5, 6, 7):
        answer(browser, number)
    browser.submit("/intake/check")
    page = desk(practice, "clinician").get("/staff/intakes").text
    return browser, re.search(r"/staff/intakes/(i_\w+)", page)[1]


def test_the_desk_sees_what_stands_and_what_is_missing_and_notes_what_was_signed_on_paper(practice, request_of):
    client_browser, reference = request_of
    reword(practice, "privacy")
    browser = desk(practice, "coordinator")
    page = browser.get(f"/staff/intakes/{reference}").text
    assert "version 1; version 2 is open" in page
    assert "not given (optional)" in page

    for number in ("9" * 30, "9" * 5000):
        assert browser.submit(f"/staff/intakes/{reference}", {"number": number}, form="/agreements").status_code == 422
    sent = browser.submit(f"/staff/intakes/{reference}", form="/agreements")

    assert sent.status_code == 302
    assert len([who for who, *_ in audit(practice, "consent_given") if who.startswith("staff:")]) == 1
    assert "on paper" in browser.get(f"/staff/intakes/{reference}").text
    assert "Read, and agree" not in client_browser.get("/you").text
    assert practice.breaches() == []


def test_what_was_signed_in_another_language_is_noted_in_that_language(practice, request_of):
    _, reference = request_of
    browser = desk(practice, "coordinator")
    page = browser.get(f"/staff/intakes/{reference}")
    section = page.text[page.text.index('id="agreements"') :].split("</section>")[0]
    said = re.findall(r"Signed on paper, in <span lang=\"(\w+)\">(\w+)</span>", section)
    assert said == [("en", "English"), ("es", "Español")]  # letters alone are open
    _, number = re.findall(r'name="number" value="(\d+)"', section)

    assert browser.send_form(page, {"number": number}, form="/agreements").status_code == 302

    with practice.app.app_context():
        kept = db.session.scalars(select(Consent).where(Consent.document == "mail")).one()
        assert (kept.method, kept.shown.language, kept.sha256) == ("paper", "es", kept.shown.sha256)
    assert "Signed on paper" not in browser.get(f"/staff/intakes/{reference}").text
    assert practice.breaches() == []


def test_what_was_taken_back_stands_on_today_until_it_is_given_again(practice, request_of, clock):
    client_browser, reference = request_of
    staff = desk(practice, "clinician", "owner")
    assert "Took something back" not in staff.get("/staff/").text
    page = client_browser.get("/you/agreed").text
    taken = re.search(r'/you/agreed/(ag_\w+)">Therapy', page)[1]
    client_browser.submit(f"/you/agreed/{taken}")

    today = staff.get("/staff/").text
    assert "Took something back" in today
    assert f"/staff/intakes/{reference}#agreements" in today
    assert client_browser.get("/intake/times").location == "/intake/agree?then=/intake/times"
    agree(client_browser, practice, "therapy")
    assert "Took something back" not in staff.get("/staff/").text


def run(practice, *words: str) -> str:
    done = CliRunner().invoke(agreement_commands.consents, list(words), obj=lambda: practice.app)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_lists_documents_versions_and_how_many_accepted(practice):
    assert "practice consents install" in run(practice)
    run(practice, "install")
    client = practice.new_client()
    accept(practice, client, "privacy")
    newer = reword(practice, "privacy", languages=["en"])

    said = run(practice)
    again = run(practice, "install").splitlines()[1:]

    assert [line.partition(":")[0] for line in again] == ["privacy, version 2, is not there in Español"]
    assert "privacy: Privacy notice (asked of everybody, required)" in said
    assert f"version 2, stands, since 2027-05-05, accepted by 0, sha256 {newer.sha256}" in said
    assert "version 1, earlier, since 2027-05-05, accepted by 1" in said
