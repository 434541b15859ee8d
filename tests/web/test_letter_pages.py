"""The owner's pages for the letters: a draft in both languages, looked at, published, and what readers get of it."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import insert

from practice.booking.models import Booking
from practice.database import db
from practice.notify.catalogue import catalogue
from practice.notify.own_wording.models import LetterDraft, LetterEdition
from practice.people import Person
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.couples import client_for_two
from tests.support.staff import audit, desk, without_tokens

HOME = "/staff/setup/letters"
PAGE = f"{HOME}/appointment_booked"
ENGLISH = "We look forward to it on {when}."
SPANISH = "Le esperamos el {when}."
OURS = "Your appointment is on"


@pytest.fixture
def owner(practice):
    return desk(practice, "owner")


def write(owner, page=PAGE, **typed):
    """Save a draft; the answer."""
    given = {"en_text": ENGLISH, "es_text": SPANISH, **typed}
    return owner.submit(page, given, form=page)


def publish(owner, page=PAGE, **typed):
    return owner.submit(f"{page}/preview", {"both": "y", **typed}, form="/publish")


def publish_own(owner):
    assert write(owner).location == f"{PAGE}/preview"
    assert publish(owner).location == PAGE


def letter_of_a_booking(practice, mailer, language="en", **asked):
    client = practice.new_client(**asked)
    with practice.app.app_context(), begin_work() as work:
        work.session.get_one(Person, client.person_id).language = language
    held = practice.hold(MONDAY_NINE, client)
    practice.confirm(held)
    practice.work_until_idle()
    [sent] = [one for one in mailer.sent if one.to == client.email]
    return sent


def rows(practice, table):
    with practice.app.app_context():
        return list(db.session.scalars(db.select(table)))


def test_the_list_says_of_every_letter_when_it_goes_out(owner):
    page = owner.get(HOME).text

    for entry in catalogue().values():
        assert f'href="{HOME}/{entry.key}"' in page
    assert "An appointment stands." in page
    assert "A draft waits" not in page


def test_a_draft_goes_to_nobody_and_a_published_one_to_everybody_in_their_language(practice, owner, mailer):
    assert write(owner).location == f"{PAGE}/preview"
    assert "A draft waits" in owner.get(HOME).text
    assert OURS in letter_of_a_booking(practice, mailer).text

    looked = owner.get(f"{PAGE}/preview").text
    assert "We look forward to it on Tuesday 10 March, 3:00 pm Eastern Time." in looked
    assert "Le esperamos el martes 10 de marzo, 3:00 p.m., hora oriental." in looked
    assert publish(owner).location == PAGE

    page = owner.get(HOME).text
    assert "In your own words." in page
    assert "A draft waits" not in page
    actions = ["letter_words_changed", "letter_words_published"]
    assert [action for _, action, subject in audit(practice, *actions)] == actions


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "We look forward to it on Monday 10 May, 9:00 am Eastern Time."),
        ("es", "Le esperamos el lunes 10 de mayo, 9:00 a.m., hora oriental."),
    ],
)
def test_the_published_words_reach_a_reader_in_their_language_with_link_and_calendar(
    practice, owner, mailer, language, said
):
    publish_own(owner)

    sent = letter_of_a_booking(practice, mailer, language)

    assert said in " ".join(sent.text.split())
    assert "https://practice.example/return/" in sent.text
    assert sent.part("text/calendar")
    assert f'<html lang="{language}">' in sent.part("text/html")


def test_a_client_is_told_beforehand_which_subject_others_may_see(practice, owner):
    at_home = practice.browser(client_for_two(practice))
    assert "The subject is “An invitation”" in at_home.submit("/you/invite", {"partner_knows": "yes"}).text
    page = f"{HOME}/invitation"
    assert owner.submit(page, {"en_subject": "A letter for you"}, form=page).status_code == 302
    publish(owner, page)

    assert "The subject is “A letter for you”" in at_home.submit("/you/invite", {"partner_knows": "yes"}).text


def test_without_words_of_its_own_a_reader_of_spanish_gets_ours(practice, mailer):
    sent = letter_of_a_booking(practice, mailer, "es")

    assert sent.subject == "Su cita"
    assert "Su cita es el lunes 10 de mayo, 9:00 a.m., hora oriental." in " ".join(sent.text.split())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"en_text": "On {wen}."}, "Text, in English: {wen} is no placeholder of this text. There are: {when}."),
        ({"es_text": "Pronto."}, "Text, in Spanish: {when} is missing"),
        ({"en_subject": "Your appointment {when}"}, "Subject, in English: {when} can’t stand in a subject"),
        ({"es_text": "El {when} {0.__class__}"}, "Text, in Spanish: {0.__class__} is no placeholder"),
        ({"en_text": "{when} {{ config }}"}, "Text, in English: {{ config }} is no placeholder"),
        ({"en_subject": "Your appointment\r\nBcc: all@mail.example"}, "character that can’t be shown"),
        ({"en_link": "x" * 81}, "80 characters at most"),
    ],
)
def test_what_cannot_be_sent_is_refused_names_its_text_and_keeps_what_was_typed(practice, owner, typed, said):
    answer = write(owner, **{"es_end": "Hasta pronto.", **typed})

    assert answer.status_code == 422
    assert said in answer.text.replace("&#39;", "'")
    assert "Hasta pronto." in answer.text
    assert not [row for row in rows(practice, LetterDraft) if row.words]


def test_only_words_in_both_languages_are_published(practice, owner):
    assert write(owner, es_text="").status_code == 302
    looked = owner.get(f"{PAGE}/preview").text
    assert "Text, in Spanish: Nothing is written here yet." in looked
    assert "Publish in both languages" not in looked

    seen = without_tokens(looked).split('name="seen" value="')[1].split('"')[0]
    answer = owner.submit(f"{PAGE}/preview", {"both": "y", "seen": seen, "action": ""}, form="/discard")
    assert answer.status_code == 302
    assert write(owner).status_code == 302
    unread = owner.submit(f"{PAGE}/preview", {"both": None}, form="/publish")
    assert unread.status_code == 422
    assert "tick that they say the same" in unread.text
    assert rows(practice, LetterEdition) == []


def test_the_preview_names_the_letter_and_asks_below_it(practice, owner):
    write(owner, en_subject="Your own subject")
    looked = owner.get(f"{PAGE}/preview").text

    assert "<h1>How it looks: Your own subject</h1>" in looked
    assert looked.index("letter-shown") < looked.index("Publish in both languages") < looked.index("Discard the draft")
    assert owner.submit(f"{PAGE}/preview", form="/discard").status_code == 302
    assert not [row for row in rows(practice, LetterDraft) if row.words]


def test_a_box_is_as_high_as_its_text_is_long_in_either_language(practice, owner):
    def heights():
        return [int(rows) for rows in re.findall(r'<textarea[^>]*\brows="(\d+)"', owner.get(PAGE).text)]

    before = heights()
    write(owner, es_text="El {when}. " + "Le esperamos. " * 60)

    assert before[0] == before[1] < 15
    assert heights()[0] == heights()[1] > 20


def test_a_press_on_publish_from_elsewhere_publishes_nothing_that_is_not_whole(practice, owner):
    write(owner, es_text="")
    page = owner.get(f"{PAGE}/preview")

    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    seen = page.text.split('name="seen" value="')[1].split('"')[0]
    answer = owner.post(f"{PAGE}/publish", data={"csrf_token": token, "seen": seen, "both": "y"})

    assert answer.status_code == 422
    assert "Nothing is written here yet" in answer.text
    assert rows(practice, LetterEdition) == []


def test_two_owners_do_not_overwrite_each_other(practice, owner):
    first = owner.get(PAGE)
    write(owner, en_text="Somebody else wrote {when}.")

    late = owner.send_form(first, {"en_text": "Mine is {when}.", "es_text": SPANISH}, form=PAGE)

    assert late.status_code == 409
    assert "Somebody changed these words while you had them open" in late.text
    assert "Mine is {when}." in late.text
    assert "Somebody else wrote" in owner.get(PAGE).text
    assert owner.send_form(late, form=PAGE).status_code == 302  # looked at, and saved all the same
    assert "Mine is {when}." in owner.get(PAGE).text


def test_publishing_what_was_changed_meanwhile_is_refused(practice, owner):
    write(owner)
    page = owner.get(f"{PAGE}/preview")
    write(owner, en_text="Changed to {when}.")

    assert owner.send_form(page, {"both": "y"}, form="/publish").status_code == 409
    assert rows(practice, LetterEdition) == []


def test_every_version_is_kept_and_the_practice_can_go_back_to_one_and_to_ours(practice, owner, mailer):
    publish_own(owner)
    write(owner, en_text="The second is {when}.")
    publish(owner)

    page = owner.get(PAGE)
    assert page.text.index("Version 2: your own words") < page.text.index("Version 1: your own words")
    assert owner.send_form(page, form="/restore/1").location == f"{PAGE}/preview"
    publish(owner)
    assert "We look forward to it" in letter_of_a_booking(practice, mailer).text

    assert owner.submit(PAGE, form="/restore/0").status_code == 302
    publish(owner)
    assert "Version 4: our words" in owner.get(PAGE).text
    assert [row.words is None for row in sorted(rows(practice, LetterEdition), key=lambda row: row.number)] == [
        False, False, False, True,
    ]  # fmt: skip
    assert "In your own words" not in owner.get(HOME).text


def test_a_draft_that_says_what_goes_out_is_no_draft(practice, owner):
    write(owner)
    shipped = catalogue()["appointment_booked"].shipped
    write(owner, en_text=shipped["en"]["text"], es_text=shipped["es"]["text"])

    assert "A draft waits" not in owner.get(HOME).text


def test_words_that_tell_are_pointed_out_and_can_be_published(practice, owner):
    write(owner, en_text="Your couple session with Ada Lindqvist is on {when}; it costs $180.")

    looked = owner.get(f"{PAGE}/preview").text
    for telling in ("couple", "session", "Ada Lindqvist", "$180"):
        assert f"Text, in English: “{telling}”" in looked
    assert publish(owner).status_code == 302


def test_markup_and_template_syntax_in_words_stay_text(practice, owner, mailer):
    write(owner, en_text="<script>alert(1)</script> {when} % %(a)s $HOME <b>")
    looked = owner.get(f"{PAGE}/preview").text
    assert "<script>alert" not in looked
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in looked
    publish(owner)

    sent = letter_of_a_booking(practice, mailer)
    assert "<script>" not in sent.part("text/html")
    assert "% %(a)s $HOME <b>" in " ".join(sent.text.split())


@pytest.mark.parametrize(("language", "said"), [("en", "We look forward to it"), ("es", "Le esperamos el martes 10")])
def test_a_sample_goes_to_whoever_asks_and_to_nobody_else(practice, owner, mailer, language, said):
    write(owner)
    page = owner.get(f"{PAGE}/preview")
    answer = owner.send_form(page, {"language": language, "case": "withdraw_until_day"}, form="/sample")
    assert answer.status_code == 302
    practice.work_until_idle()

    [sent] = mailer.sent
    assert sent.to == "owner-desk@practice.example"
    assert said in " ".join(sent.text.split())
    assert "+1 555 010 0100" in sent.text


def test_a_sample_of_a_language_or_a_case_that_is_not_there_is_not_sent(practice, owner, mailer):
    page = owner.get(f"{PAGE}/preview")
    for odd in ({"language": "xx"}, {"case": "paid"}):
        assert owner.send_form(page, odd, form="/sample").status_code == 422
    practice.work_until_idle()

    assert mailer.sent == []


def test_own_words_that_fit_no_more_are_called_on_today_and_no_letter_is_lost(practice, owner, mailer):
    with practice.app.app_context(), begin_work() as work:
        words = {language: {"text": "Without a time."} for language in ("en", "es")}
        row = {
            "letter": "appointment_booked", "number": 1, "words": json.dumps(words), "made_from": "0" * 64,
            "published_at": work.now, "published_by": "staff:1",
        }  # fmt: skip
        work.session.execute(insert(LetterEdition), [row])

    assert OURS in letter_of_a_booking(practice, mailer).text
    assert "don’t fit any more" in owner.get("/staff/").text
    assert "don’t fit any more" not in desk(practice, "coordinator").get("/staff/").text
    assert "so it goes out in ours" in owner.get(PAGE).text


def test_earlier_words_that_fit_no_more_are_refused_and_shown_as_text(practice, owner):
    with practice.app.app_context(), begin_work() as work:
        words = {language: {"text": "{<b>50% off</b>} {when}"} for language in ("en", "es")}
        row = {
            "letter": "appointment_booked", "number": 1, "words": json.dumps(words), "made_from": "0" * 64,
            "published_at": work.now, "published_by": "staff:1",
        }  # fmt: skip
        work.session.execute(insert(LetterEdition), [row])
    publish_own(owner)
    assert owner.submit(PAGE, form="/restore/1").location == f"{PAGE}/preview"
    page = owner.get(f"{PAGE}/preview")

    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    seen = page.text.split('name="seen" value="')[1].split('"')[0]
    answer = owner.post(f"{PAGE}/publish", data={"csrf_token": token, "seen": seen, "both": "y"})

    assert answer.status_code == 422
    assert "{&lt;b&gt;50% off&lt;/b&gt;} is no placeholder" in answer.text
    assert "<b>50%" not in answer.text


def test_the_page_says_where_our_own_words_changed_since(practice, owner):
    publish_own(owner)
    assert "have changed since" not in owner.get(PAGE).text
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(db.update(LetterEdition).values(made_from="0" * 64))

    assert "Our own words of this letter have changed since you published yours." in owner.get(PAGE).text
    assert "Ours have changed since." in owner.get(HOME).text


@pytest.mark.parametrize("path", ["", "/appointment_booked", "/appointment_booked/preview"])
@pytest.mark.databases("sqlite")
def test_the_letters_are_the_owners_alone(practice, path):
    for role in ("coordinator", "clinician", "therapist"):
        therapist = "ada-lindqvist" if role == "therapist" else None
        assert desk(practice, role, therapist=therapist).get(f"{HOME}{path}").status_code == 404


@pytest.mark.databases("sqlite")
def test_a_letter_that_is_not_there_is_not_found(practice, owner):
    for path in ("nothing", "nothing/preview"):
        assert owner.get(f"{HOME}/{path}").status_code == 404
    page = owner.get(PAGE)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    for path in ("publish", "discard", "restore/0", "sample"):
        assert owner.post(f"{HOME}/nothing/{path}", data={"csrf_token": token}).status_code == 404
    assert owner.post(f"{PAGE}/restore/7", data={"csrf_token": token}).status_code == 404
    with practice.app.app_context():
        assert db.session.scalars(db.select(Booking)).all() == []
