"""Who agreed to which words: kept as they were shown, asked again when they change, taken back without a trace lost."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from practice.consents import actions
from practice.consents.documents import AskedOf, Document, tidy
from practice.consents.models import Consent, ConsentText
from practice.consents.queries import (
    find_documents,
    find_last_of_policy,
    find_taken_back,
    find_texts,
    get_text,
    list_consents,
    list_versions,
    missing,
)
from practice.consents.shipped import shipped_for
from practice.database import db
from practice.people import Person, takes_mail
from practice.profile import LIMITED, NO_SECRETS, ONLY, PracticeProfile, profile
from practice.work import begin_work
from tests.support.consents import accept, consents_of, document, free_session, more_words, reword, with_documents
from tests.support.staff import audit

ALL = frozenset(AskedOf)


@pytest.fixture
def practice(practice):
    return with_documents(practice)


def waits_for(practice, client, circumstances=ALL) -> list[str]:
    with practice.app.app_context():
        return [one.document.key for one in missing(client.person_id, circumstances)]


def take_back(practice, client, key: str) -> None:
    [stands] = [one for one in consents_of(practice, client) if one.document == key and one.stands]
    with practice.app.app_context(), begin_work() as work:
        actions.withdraw(work, work.session.get_one(Person, client.person_id), stands.reference)


def letters(practice, client) -> bool:
    with practice.app.app_context():
        return takes_mail(practice.person(client))


def test_everybody_is_asked_what_is_everybodys_and_others_what_is_theirs(practice):
    client = practice.new_client()

    assert waits_for(practice, client, ()) == ["therapy", "privacy"]
    assert waits_for(practice, client, {AskedOf.COUPLES}) == ["therapy", "couple", "privacy"]
    assert waits_for(practice, client, {AskedOf.VIDEO}) == ["therapy", "privacy", "telehealth"]
    assert waits_for(practice, client) == ["therapy", "couple", "privacy", "telehealth"]  # letters are optional


def test_a_consent_holds_the_fingerprint_of_the_text_of_its_version_and_when_and_how(practice, clock):
    client = practice.new_client()
    accept(practice, client)

    for given in consents_of(practice, client):
        words = document(practice, given.document)
        assert (given.text_id, given.version, given.sha256) == (words.number, 1, words.wording.sha256)
        assert (given.given_at, given.method, given.noted_by) == (clock.now(), "page", None)
    assert waits_for(practice, client) == []
    assert practice.breaches() == []


@pytest.mark.parametrize("key", ["therapy", "couple", "privacy", "telehealth", "mail"])
def test_new_words_are_asked_again_and_the_earlier_agreement_stands_until_then(practice, clock, key):
    client = practice.new_client()
    accept(practice, client)
    clock.advance(days=3)
    newer = reword(practice, key)

    assert waits_for(practice, client) == [key]
    assert letters(practice, client)
    accept(practice, client, key)

    assert waits_for(practice, client) == []
    first, second = (one for one in consents_of(practice, client) if one.document == key)
    assert (first.replaced_at, first.withdrawn_at) == (clock.now(), None)
    assert (second.version, second.sha256, second.stands) == (2, newer.sha256, True)
    assert practice.breaches() == []


def test_what_was_agreed_to_years_ago_is_shown_in_its_own_words(practice, clock):
    client = practice.new_client()
    words = document(practice, "privacy")
    accept(practice, client)
    for year in range(1, 4):
        clock.advance(days=365)
        reword(practice, "privacy", f"Year {year}.")

    [given] = [one for one in consents_of(practice, client) if one.document == "privacy"]
    with practice.app.app_context():
        shown = get_text(given.text_id)
    assert shown == words
    assert shown.wording.sha256 == given.sha256
    assert document(practice, "privacy").version == 4


def test_agreeing_twice_is_agreeing_once(practice):
    client = practice.new_client()
    accept(practice, client)
    accept(practice, client)

    given = [one.document for one in consents_of(practice, client)]
    assert given == ["therapy", "couple", "privacy", "telehealth", "mail"]


def test_words_that_have_changed_cannot_be_agreed_to_any_more(practice):
    client = practice.new_client()
    older = document(practice, "therapy")
    reword(practice, "therapy")

    with practice.app.app_context(), pytest.raises(actions.WordsChanged), begin_work() as work:
        actions.accept(work, work.session.get_one(Person, client.person_id), older)
    assert consents_of(practice, client) == []


def test_the_database_itself_refuses_a_second_consent_that_stands(practice):
    client = practice.new_client()
    accept(practice, client, "privacy")
    words = document(practice, "privacy")
    given = {"document": "privacy", "version": 1, "sha256": words.sha256, "text_id": words.number, "method": "page"}
    with practice.app.app_context(), pytest.raises(IntegrityError), begin_work() as work:
        work.session.add(Consent(reference="ag_2", person_id=client.person_id, given_at=work.now, **given))


def test_what_sessions_need_is_taken_back_without_ending_an_appointment_and_the_desk_hears_it(practice, mailer, clock):
    client = practice.new_client()
    accept(practice, client)
    held = free_session(practice, client)
    practice.work_until_idle()
    before = len(mailer.letters_to("office@practice.example"))
    clock.advance(hours=1)
    take_back(practice, client, "therapy")
    practice.work_until_idle()

    assert waits_for(practice, client) == ["therapy"]
    assert str(practice.state_of(held)) == "confirmed"
    [letter] = mailer.letters_to("office@practice.example")[before:]
    assert letter.subject == "Something changed on the desk"
    assert client.name not in letter.text
    with practice.app.app_context():
        [taken] = find_taken_back(clock.now().replace(year=2000))
        assert (taken.document, taken.withdrawn_at) == ("therapy", clock.now())

    accept(practice, client, "therapy")
    with practice.app.app_context():
        assert find_taken_back(clock.now().replace(year=2000)) == []
    assert len([one for one in consents_of(practice, client) if one.document == "therapy"]) == 2
    assert practice.breaches() == []


def test_letters_stop_when_they_are_taken_back_and_come_again_when_agreed_to(practice):
    client = practice.new_client()
    assert letters(practice, client)  # before they are asked, how they may be reached decides
    accept(practice, client, "mail")
    assert letters(practice, client)

    take_back(practice, client, "mail")
    assert not letters(practice, client)
    assert practice.breaches() == []

    accept(practice, client, "mail")
    assert letters(practice, client)
    assert practice.breaches() == []


def test_leaving_letters_unticked_is_a_no_and_the_same_for_new_words(practice):
    client = practice.new_client()

    def leave() -> None:
        with practice.app.app_context(), begin_work() as work:
            actions.leave_open(work, work.session.get_one(Person, client.person_id), find_documents()["mail"])

    leave()
    assert not letters(practice, client)
    accept(practice, client)
    leave()  # it isn't open: nothing ends
    assert letters(practice, client)
    reword(practice, "mail")
    assert waits_for(practice, client) == ["mail"]
    leave()
    assert not letters(practice, client)
    assert waits_for(practice, client) == []
    assert practice.breaches() == []


def test_what_is_signed_on_paper_says_who_noted_it_and_stands_in_the_audit_log(practice):
    client = practice.new_client()
    with practice.app.app_context(), begin_work() as work:
        person = work.session.get_one(Person, client.person_id)
        actions.note_paper(work, person, find_documents()["therapy"], "staff:7")

    [given] = consents_of(practice, client)
    assert (given.method, given.noted_by) == ("paper", "staff:7")
    assert audit(practice, "consent_given") == [("staff:7", "consent_given", given.reference)]


def test_of_two_owners_the_second_is_told_and_nothing_of_theirs_is_kept(practice):
    with practice.app.app_context():
        second = more_words(find_texts("privacy"), "The second one's.")
    reword(practice, "privacy", "The first one's.")

    with practice.app.app_context(), pytest.raises(actions.WordsChanged), begin_work() as work:
        actions.publish(work, "staff:2", "privacy", second, after=1)
    assert "The first one's." in document(practice, "privacy").wording.body
    assert document(practice, "privacy").version == 2


@pytest.mark.parametrize("lacking", [{}, {"es": tidy("Aviso", "", "Todo.")}])
def test_words_that_are_not_there_in_every_language_are_not_published(practice, lacking):
    stands = document(practice, "privacy")
    words = {"en": tidy(stands.title, stands.summary, "Other words."), **lacking}

    with practice.app.app_context(), pytest.raises(actions.NotInEveryLanguage), begin_work() as work:
        actions.publish(work, "staff:1", "privacy", words, after=1)
    assert document(practice, "privacy").version == 1


def test_the_same_words_again_are_no_new_version(practice):
    with practice.app.app_context():
        stands = find_texts("privacy")
    same = {
        language: tidy(one.title, one.summary, one.wording.body.replace("\n", "\r\n") + "  \r\n")
        for language, one in stands.items()
    }

    with practice.app.app_context(), pytest.raises(actions.NothingNew), begin_work() as work:
        actions.publish(work, "staff:1", "privacy", same, after=1)


def test_the_secrets_policy_and_the_couples_text_change_together(practice):
    with practice.app.app_context():
        assert (profile().secrets_policy, find_documents()["couple"].policy) == (LIMITED, LIMITED)
        limited = {language: one.wording for language, one in find_texts("couple").items()}
        ours = shipped_for(profile(), NO_SECRETS)
        with begin_work() as work:
            actions.switch_policy(work, "staff:1", NO_SECRETS, {"en": ours.wording, **ours.others}, after=1)

        stands: Document = find_documents()["couple"]
        assert (profile().secrets_policy, stands.policy, stands.version) == (NO_SECRETS, NO_SECRETS, 2)
        assert "no secrets" in stands.wording.exact.lower()
        kept = find_last_of_policy(LIMITED)
        assert kept is not None
        assert kept.version == 1

        with pytest.raises(actions.WordsChanged), begin_work() as work:  # another owner, from before
            actions.switch_policy(work, "staff:2", LIMITED, limited, after=1)
        assert profile().secrets_policy == NO_SECRETS


def test_installing_once_more_leaves_what_stands(practice):
    reword(practice, "privacy")
    with_documents(practice)

    assert document(practice, "privacy").version == 2
    with practice.app.app_context():
        assert [(line.document.version, line.accepted) for line in list_versions("privacy")] == [(2, 0), (1, 0)]


def test_a_practice_with_no_secrets_begins_with_that_text(practice):
    with practice.app.app_context():
        with begin_work() as work:
            work.session.execute(delete(ConsentText))
            work.session.get_one(PracticeProfile, ONLY).secrets_policy = NO_SECRETS
        with begin_work() as work:
            actions.install(work, "command")
        assert find_documents()["couple"].policy == NO_SECRETS


SPANISH_PRIVACY = (ConsentText.document == "privacy", ConsentText.language == "es")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda: update(ConsentText).where(ConsentText.document == "privacy").values(body="Other words"), "hashed"),
        (lambda: update(Consent).where(Consent.document == "privacy").values(sha256="0" * 64), "another text"),
        (lambda: update(Person).values(letters_agreed=False), "letters"),
        (lambda: update(ConsentText).where(ConsentText.document == "mail").values(version=3), "versions"),
        (lambda: update(ConsentText).where(*SPANISH_PRIVACY).values(version=2), "not in English"),
        (lambda: update(ConsentText).where(*SPANISH_PRIVACY).values(required=False), "asked otherwise in es"),
    ],
    ids=[
        "a text is changed",
        "a fingerprint is changed",
        "letters go otherwise",
        "a version is missing",
        "a version has no English",
        "a language asks otherwise",
    ],
)
def test_the_promises_notice_what_is_changed_behind_their_back(practice, change, says):
    client = practice.new_client()
    accept(practice, client)
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(change())

    assert any(says in breach for breach in practice.breaches())


def test_who_is_forgotten_before_anything_came_of_it_leaves_no_consent(practice):
    client = practice.new_client()
    accept(practice, client)
    with practice.app.app_context():
        with begin_work() as work:
            actions.forget_consents(work, client.person_id)
        assert list_consents(client.person_id) == []
        assert db.session.scalar(select(ConsentText.id).limit(1)) is not None
