"""How we reach somebody: changed by themselves, with the code for another address, and learnt by nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from practice.consents.actions import withdraw
from practice.consents.documents import MAIL
from practice.consents.queries import list_consents
from practice.database import db
from practice.people import ContactChange, MailedLink, Person, contact_of, hash_code, make_link, read_contact
from practice.sealing import vault
from practice.work import begin_work
from tests.support.consents import accept, with_documents
from tests.support.intake import CODE
from tests.support.staff import audit, desk, send_request, without_tokens

PAGE = "/you/contact"
NEW = "elsewhere@mail.example"


@pytest.fixture
def client(practice):
    found = practice.new_client()
    with practice.app.app_context():
        hashed = hash_code(CODE)
        with begin_work() as work:
            work.session.get_one(Person, found.person_id).code_hash = hashed
    return found


def contact(practice, client):
    with practice.app.app_context():
        return contact_of(practice.person(client))


def change(practice, client, **typed):
    return practice.browser(client).submit(PAGE, typed, form="contact")


def test_the_number_and_the_ways_are_changed_without_the_code_and_what_was_before_is_kept_sealed(practice, client):
    answer = change(practice, client, channels=["email", "call"], phone="212 555 0123", call_times="evenings")
    assert answer.status_code == 302
    found = contact(practice, client)
    assert (found.phone, found.channels, found.call_times) == ("212 555 0123", ("email", "call"), "evenings")
    with practice.app.app_context():
        kept = db.session.scalars(select(ContactChange)).one()
        assert client.email.encode() not in kept.before_sealed
        plain = vault().open(
            kept.person_id, kept.before_sealed, table="contact_change", row=kept.reference, column="before"
        )
    assert read_contact(plain).phone == ""
    [(actor, _, subject)] = audit(practice, "contact_changed")
    assert (actor, subject) == (f"client:{client.reference}", client.reference)
    assert practice.breaches() == []


def test_what_was_changed_is_said_to_be_saved_even_where_no_way_is_named(practice, client):
    browser = practice.browser(client)
    assert browser.submit(PAGE, {}, form="contact").status_code == 302
    assert "Your contact details are saved." in browser.get("/you").text


def test_sending_it_as_it_stands_changes_nothing(practice, client):
    assert change(practice, client).status_code == 302
    assert audit(practice, "contact_changed") == []


def test_a_number_goes_with_the_last_way_that_needs_it(practice, client):
    change(practice, client, channels=["call"], phone="212 555 0123")
    change(practice, client, channels=["email"])
    assert contact(practice, client).phone == ""


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"email": "nowhere"}, "Write the email address in full"),
        ({"channels": None}, "Choose at least one way"),
        ({"channels": ["call"]}, "Write your phone number"),
        ({"email": NEW}, "Type your code"),
        ({"email": NEW, "code": "yellow kettle"}, "That isn’t your code"),
        ({"first_name": ""}, "Write what we should call you"),
        ({"others": "perhaps"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_changed(practice, client, typed, error):
    before = contact(practice, client)
    answer = change(practice, client, **typed)
    assert answer.status_code == 422
    assert error in answer.text
    assert contact(practice, client) == before


def test_guessing_the_code_ends_after_a_few_tries(practice, client):
    browser = practice.browser(client)
    said = [browser.submit(PAGE, {"email": NEW, "code": f"guess {n}"}, form="contact").status_code for n in range(6)]
    assert said == [422] * 5 + [429]


class TestAnotherAddress:
    def test_every_link_to_the_old_one_and_every_other_browser_is_shut_and_this_one_stays(self, practice, client):
        other = practice.browser(client)
        with practice.app.app_context(), begin_work() as work:
            token = make_link(work, practice.person(client), "return")
        browser = practice.browser(client)
        assert browser.submit(PAGE, {"email": NEW, "code": CODE}, form="contact").status_code == 302
        assert browser.get("/you").status_code == 200
        assert other.get("/you").status_code == 404
        assert practice.browser().get(f"/return/{token}").status_code == 410
        with practice.app.app_context():
            assert [one.revoked_at is not None for one in db.session.scalars(select(MailedLink))] == [True]

    def test_the_old_one_hears_of_it_in_neutral_words_and_learns_nothing_else(self, practice, client, mailer):
        change(practice, client, email=NEW, code=CODE)
        practice.work_until_idle()
        [letter] = mailer.sent
        assert letter.to == client.email
        assert NEW not in letter.text
        assert "/return/" not in letter.text
        mailer.sent.clear()

        browser = practice.browser()
        for address in (client.email, NEW):  # whoever asks at the old address is answered alike, and gets no letter
            answer = browser.submit("/schedule", {"email": address}, form="link", follow_redirects=True)
            assert answer.status_code == 200
        practice.work_until_idle()
        assert [letter.to for letter in mailer.sent] == [NEW]

    @pytest.mark.parametrize(
        ("before", "typed"),
        [
            ({"others": "maybe"}, {}),
            ({"others": "yes"}, {}),
            ({}, {"others": "yes"}),
            ({"channels": ["call"], "phone": "212 555 0123"}, {}),
        ],
    )
    def test_the_old_one_hears_nothing_where_somebody_else_may_read_or_mail_was_not_allowed(
        self, practice, client, mailer, before, typed
    ):
        if before:
            change(practice, client, **before)
        change(practice, client, email=NEW, code=CODE, **typed)
        practice.work_until_idle()
        assert contact(practice, client).email == NEW
        assert mailer.sent == []

    def test_the_old_one_hears_nothing_where_letters_were_not_agreed_to(self, practice, client, mailer):
        with_documents(practice)
        accept(practice, client, MAIL)
        with practice.app.app_context(), begin_work() as work:
            person = practice.person(client)
            [given] = list_consents(person.id)
            withdraw(work, person, given.reference)
        change(practice, client, email=NEW, code=CODE)
        practice.work_until_idle()
        assert contact(practice, client).email == NEW
        assert mailer.sent == []

    def test_the_same_address_in_other_letters_is_no_other_one(self, practice, client):
        assert (
            change(practice, client, email=client.email.upper().replace("MAIL.EXAMPLE", "mail.example")).status_code
            == 302
        )


class TestWhetherOthersSee:
    @pytest.mark.parametrize(("said", "calendar"), [("no", True), ("maybe", False), ("yes", False), ("same", True)])
    def test_it_locks_what_mails_carry(self, practice, client, said, calendar):
        change(practice, client, others=said)
        assert contact(practice, client).calendar_by_mail is calendar

    def test_it_is_never_shown_again(self, practice, client):
        pages = []
        for said in ("no", "yes"):
            change(practice, client, others=said)
            pages.append(without_tokens(practice.browser(client).get(PAGE).text.split("<h1>")[1]))
        assert pages[0] == pages[1]
        assert (
            'checked id="others-0"' in pages[0] or 'id="others-0" name="others" type="radio" value="same"' in pages[0]
        )


def test_the_desk_sees_the_rule_and_no_reason(practice):
    reference = send_request(
        practice,
        contact_ok=["email"],
        others_see_messages="yes",
        safe_contact_note="Only after he has left at nine",
    )
    for role in ("coordinator", "owner", "clinician"):
        page = desk(practice, role).get(f"/staff/intakes/{reference}").text
        assert "No calls" in page
        assert "No voicemail" in page
        assert "left at nine" not in page
        assert "else see your messages" not in page
    assert (
        "left at nine"
        in desk(practice, "clinician", therapist="ada-lindqvist").get(f"/staff/intakes/{reference}/just-for-you").text
    )


def test_the_language_of_letters_is_chosen_there_and_nothing_else_changes(practice, client):
    before = contact(practice, client)

    assert change(practice, client, language="es").status_code == 302

    with practice.app.app_context():
        assert practice.person(client).language == "es"
    assert contact(practice, client) == before
    assert [subject for _, _, subject in audit(practice, "language_chosen")] == [client.reference]
    assert '<option selected value="es">' in practice.browser(client).get(PAGE).text
    assert change(practice, client, language="xx").status_code == 422
    with practice.app.app_context():
        assert practice.person(client).language == "es"
