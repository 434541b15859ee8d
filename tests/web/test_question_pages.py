"""Staff's pages for the questionnaire: one draft of changes, looked at before clients see it."""

from __future__ import annotations

import io
import json
import re

import pytest

from practice.intake import documents
from practice.intake.documents import current_questionnaire
from tests.support.browsing import forms_of
from tests.support.intake import OWN_QUESTION, answer_until, part
from tests.support.staff import audit, desk

pytestmark = pytest.mark.databases("sqlite")  # what is stored has tests on both in db/test_editions.py

LIST = "/staff/questions"
GOAL = "/staff/questions/shipped/goal_direction"
CHANGES = "/staff/questions/changes"


@pytest.fixture
def owner(practice):
    return desk(practice, "owner")


def press(browser, address: str, page: str = LIST, **more):
    return browser.submit(page, form=address, **more)


def publish(browser):
    answer = press(browser, "/publish", CHANGES, follow_redirects=True)
    assert "Published" in answer.text
    return answer


def error_at(html: str, field: str) -> str:
    found = re.search(rf'id="{field}-error">(.*?)</p>', html, re.S)
    assert found, f"nothing is said at {field}"
    return re.sub(r"<[^>]+>", "", found[1]).replace("Error: ", "").strip()


def test_every_question_stands_on_the_list_with_whether_it_is_always_asked(practice, owner):
    page = owner.get(LIST).text
    for field in current_questionnaire().fields():
        assert f'id="{field.name}"' in page
    assert (
        page.index("Before a time is chosen") < page.index("With the payment") < page.index("Before the first session")
    )


def test_other_words_are_previewed_published_and_asked(practice, owner):
    saved = owner.submit(
        GOAL,
        {
            "question": "What now?",
            "es_question": "¿Y ahora?",
            "option_repair": "To mend it",
            "es_option_repair": "Arreglarlo",
        },
        follow_redirects=True,
    )
    assert "It is in the draft" in saved.text
    assert "What now?" not in practice.browser().get(part(1)).text
    preview = owner.get("/staff/questions/preview/booker/book/5").text
    assert "What now?" in preview
    assert "Preview" in preview
    listed = owner.get(CHANGES).text
    assert "<del>What do you most want from this?</del>" in listed
    assert "<ins>To mend it</ins>" in listed

    assert "4.p1" in publish(owner).text

    visitor = practice.browser()
    answer_until(visitor, 4)
    asked = visitor.get(part(5)).text
    assert "What now?" in asked
    assert "To mend it" in asked
    assert [what for _, what, _ in audit(practice, "questions_changed", "questions_published")] == [
        "questions_changed",
        "questions_published",
    ]


def test_who_began_before_finishes_in_their_own_words(practice, owner):
    early = practice.browser()
    answer_until(early, 4)
    owner.submit(GOAL, {"question": "What now?", "es_question": "¿Y ahora?"})
    publish(owner)
    assert "What do you most want from this?" in early.get(part(5)).text
    answer_until(early, 7)
    assert early.submit("/intake/check").status_code == 302
    late = practice.browser()
    answer_until(late, 4)
    assert "What now?" in late.get(part(5)).text


def test_a_question_of_ones_own_is_added_asked_moved_and_removed(practice, owner):
    added = owner.submit("/staff/questions/own/new", OWN_QUESTION, follow_redirects=True)
    assert "How did you hear of us?" in added.text
    name = re.search(r'id="(practice_\w+)"', added.text)[1]
    moved = press(owner, f"/move/{name}/up", follow_redirects=True)
    text = moved.text
    assert text.index(f'id="{name}"') < text.index('id="access_needs"')
    publish(owner)

    visitor = practice.browser()
    answer_until(visitor, 5)
    assert "From a doctor" in visitor.get(part(6)).text

    page = owner.get(f"/staff/questions/own/{name}")
    assert "From a friend\nFrom a doctor" in page.text
    press(owner, f"/take-back/own/{name}")
    assert "How did you hear of us?" not in owner.get(LIST).text
    assert "no longer asked" in owner.get(CHANGES).text.lower()


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"question": ""}, "question", "Write the question"),
        ({"question": "x" * 401}, "question", "400 characters at most"),
        ({"options": "Only one", "es_options": ""}, "options", "Write at least two answers"),
        ({"kind": "text"}, "options", "none where people write"),
        ({"options": "Same\nSame"}, "options", "Write at least two answers"),
        ({"section": "just_for_you"}, "section", "Not a valid choice"),
        ({"when": "lean=0"}, "moment", "which is asked only later"),
        ({"who": "both", "when": "attending=couple"}, "who", "only the person who books"),
    ],
)
def test_what_is_wrong_with_ones_own_question_is_said_at_its_field_and_what_was_typed_is_kept(
    practice, owner, typed, field, words
):
    answer = owner.submit("/staff/questions/own/new", {**OWN_QUESTION, **typed})
    assert answer.status_code == 422
    assert words in error_at(answer.text, field)
    assert f'href="#{field}"' in answer.text
    sent = next(form for form in forms_of(answer.text) if "own/new" in form.action).fields
    assert sent["kind"] == [typed.get("kind", "radio")]
    assert "no draft" in owner.get(CHANGES).text


def test_what_is_always_asked_has_no_button_and_cannot_be_forced(practice, owner):
    page = owner.get(LIST)
    assert "/shipped/self_harm/off" not in page.text
    token = forms_of(page.text)[-1].fields["csrf_token"][0]
    answer = owner.post("/staff/questions/shipped/self_harm/off", data={"csrf_token": token})
    assert answer.status_code == 422
    assert "It is always asked. Everyone is asked this alone" in answer.text
    assert "no draft" in owner.get(CHANGES).text


def test_a_question_is_switched_off_and_on(practice, owner):
    press(owner, "/shipped/pronouns/off")
    assert "/shipped/pronouns/on" in owner.get(LIST).text
    refused = press(owner, "/shipped/breach_types/off")
    assert refused.status_code == 422
    assert "Which weighs most right now?” builds on" in refused.text
    press(owner, "/shipped/pronouns/on")
    assert "/shipped/pronouns/off" in owner.get(LIST).text


def test_whoever_saves_over_somebody_elses_words_is_told_and_sees_them(practice, owner):
    page = owner.get(GOAL)
    owner.submit(GOAL, {"question": "What now?", "es_question": "¿Y ahora?"})
    late = owner.send_form(page, {"question": "Something else"})
    assert late.status_code == 409
    assert "Somebody changed this while you had it open" in late.text
    assert "What now?" in late.text
    assert owner.send_form(late, {"question": "Something else"}, form=GOAL).status_code == 302
    assert "Something else" in owner.get(LIST).text


def test_a_draft_that_another_owner_changed_is_not_published_unseen(practice, owner):
    owner.submit(GOAL, {"question": "What now?", "es_question": "¿Y ahora?"})
    seen = owner.get(CHANGES)
    owner.submit(GOAL, {"question": "Or this?"}, form=GOAL)
    late = owner.send_form(seen, form="/publish")
    assert late.status_code == 409
    assert "Or this?" in late.text


def test_a_preview_shows_errors_and_saves_nothing(practice, owner):
    address = "/staff/questions/preview/partner/session/1"
    tried = owner.submit(address, {})
    assert tried.status_code == 422
    assert "Please tick that you understand" in tried.text
    assert 'action="/staff/questions/preview/partner/session/1"' in tried.text
    fine = owner.submit(
        address, {"ack_not_emergency": "y", "age_18_plus": "yes", "private_now": "yes", "session_location": "US-NY"}
    )
    assert fine.location.endswith("/partner/session/2")
    assert practice.breaches() == []


def test_every_page_of_every_preview_opens(practice, owner):
    for audience, moment, count in (("booker", "book", 7), ("booker", "session", 8), ("partner", "session", 9)):
        for number in range(1, count + 1):
            page = owner.get(f"/staff/questions/preview/{audience}/{moment}/{number}")
            assert page.status_code == 200, (audience, moment, number)
        assert owner.get(f"/staff/questions/preview/{audience}/{moment}/{count + 3}").status_code == 404
    weighs = [owner.get(f"/staff/questions/preview/booker/session/{number}").text for number in range(1, 5)]
    assert any("A physical or sexual affair" in text for text in weighs)


def test_a_preview_asks_what_only_some_are_asked(owner):
    shown = {
        ("invite", 1): ["partner_knows"],
        ("session", 3): ["breach_main", "breach_last_when", "breach_ongoing"],
    }
    for (moment, number), names in shown.items():
        page = owner.get(f"/staff/questions/preview/booker/{moment}/{number}").text
        assert [name for name in names if f'name="{name}"' not in page] == []


def test_an_earlier_version_comes_back(practice, owner):
    owner.submit(GOAL, {"question": "What now?", "es_question": "¿Y ahora?"})
    publish(owner)
    press(owner, "/restore/0", CHANGES)
    assert "<ins>What do you most want from this?</ins>" in owner.get(CHANGES).text
    publish(owner)
    with practice.app.app_context():
        assert current_questionnaire().version == "4.p2"
        assert current_questionnaire().field("goal_direction").question == "What do you most want from this?"


def test_sections_move_and_are_renamed_but_the_first_two_and_the_last_stay(practice, owner):
    owner.submit("/staff/questions/sections/goals", {"title": "Hopes", "es_title": "Esperanzas", "intro": ""})
    press(owner, "/sections/goals/up")
    publish(owner)
    with practice.app.app_context():
        titles = [section.title for section in current_questionnaire().sections]
    assert titles.index("Hopes") < titles.index("What gets in the way")
    assert "/sections/about_you/down" not in owner.get(LIST).text


def test_a_clinician_reads_everything_and_changes_nothing(practice, owner):
    reader = desk(practice, "clinician")
    page = reader.get(LIST)
    assert [form.action for form in forms_of(page.text) if form.method == "post"] == ["/staff/sign-out"]
    token = forms_of(page.text)[-1].fields["csrf_token"][0]
    for address in ("/shipped/pronouns/off", "/move/lean/up", "/publish", "/instruments"):
        assert reader.post(LIST + address, data={"csrf_token": token}).status_code == 404


INSTRUMENT = """
id: weather
title: How the week felt
source: Written by this practice
licence: {holder: This practice, terms: Ours to use., since: 2026-03-01}
scales:
  often: {"0": "Never", "1": "Sometimes", "2": "Often"}
items:
- {code: a, question: "We laughed.", scale: often}
- {code: b, question: "We were short with each other.", scale: often, reverse: true}
scoring:
  method: sum
  bands:
  - {from: 0, label: "Rough"}
  - {from: 3, label: "Fair"}
"""


def upload(browser, text: str | bytes):
    data = text if isinstance(text, bytes) else text.encode()
    return browser.submit("/staff/questions/instruments", {"file": (io.BytesIO(data), "one.yaml")})


def test_an_instrument_becomes_a_section_and_is_taken_out_again(practice, owner):
    assert upload(owner, INSTRUMENT).status_code == 302
    page = owner.get("/staff/questions/instruments").text
    assert "How the week felt" in page
    assert "Ours to use." in page
    publish(owner)
    with practice.app.app_context():
        questions = current_questionnaire()
        assert [section.id for section in questions.sections][-2:] == ["ins_weather", "just_for_you"]
    press(owner, "/instruments/weather/remove", "/staff/questions/instruments")
    assert "None so far" in owner.get("/staff/questions/instruments").text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        ("id: [", "is no YAML"),
        (INSTRUMENT.replace("scale: often}", "scale: seldom}", 1), "there is no scale seldom (line 9)"),
        ("x" * 70_000, "more than 64 KiB"),
    ],
)
def test_a_file_that_is_no_instrument_is_refused_with_its_line(practice, owner, text, words):
    answer = upload(owner, text)
    assert answer.status_code == 422
    assert words in error_at(answer.text, "file")


def test_after_an_upgrade_the_page_names_what_no_longer_fits_and_mends_it(practice, owner, monkeypatch):
    owner.submit("/staff/questions/shipped/pronouns", {"question": "Your pronouns", "es_question": "Sus pronombres"})
    publish(owner)
    data = documents.shipped_data()
    for section in data["sections"]:
        section["fields"] = [field for field in section["fields"] if field["name"] != "pronouns"]
    written = json.dumps({**data, "version": "4"}, ensure_ascii=False)
    monkeypatch.setattr(documents, "shipped_document", lambda: written)
    monkeypatch.setattr(documents, "shipped_questionnaire", lambda: documents.read_questionnaire(written))
    practice.app.extensions.pop("practice.kept_mark")  # as in a process that was started anew

    page = owner.get(LIST)
    assert "Some published changes no longer fit" in page.text
    assert "The question pronouns isn’t asked any more" in page.text
    with practice.app.app_context():
        assert current_questionnaire().version == "4.p1"
    press(owner, "/take-back/fields/pronouns")
    assert "To mend" not in owner.get(LIST).text
    publish(owner)
    with practice.app.app_context():
        assert current_questionnaire().version == "4.p2"


def test_words_in_english_alone_wait_for_their_spanish_before_they_are_published(practice, owner):
    owner.submit(GOAL, {"question": "What now?"})
    page = owner.get(CHANGES).text
    assert "To say in Spanish before publishing" in page
    assert f'<a href="{GOAL}">“What now?”</a>' in page
    assert "Publish these changes" not in page
    assert ">¿Qué es lo que más quiere de esto?</textarea>" not in owner.get(GOAL).text  # ours no longer counts
    owner.submit(GOAL, {"es_question": "¿Y ahora?"}, form=GOAL)
    publish(owner)
    visitor = practice.browser()
    answer_until(visitor, 4)
    assert "¿Y ahora?" in visitor.get(f"{part(5)}?lang=es").text
    assert "What now?" in visitor.get(f"{part(5)}?lang=en").text


def test_publishing_past_the_page_is_refused_without_the_spanish(practice, owner):
    owner.submit(GOAL, {"question": "What now?", "es_question": "¿Y ahora?"})
    page = owner.get(CHANGES)
    publishing = next(form for form in forms_of(page.text) if form.action.endswith("/publish"))
    owner.submit(GOAL, {"es_question": ""}, form=GOAL)
    token = publishing.fields["csrf_token"][0]
    seen = forms_of(owner.get(CHANGES).text)[-1].fields["seen"][0]
    refused = owner.post("/staff/questions/publish", data={"csrf_token": token, "seen": seen})
    assert refused.status_code == 422
    assert "Some words have no Spanish yet" in refused.text


def test_answers_of_ones_own_are_said_in_spanish_one_for_each(practice, owner):
    refused = owner.submit("/staff/questions/own/new", {**OWN_QUESTION, "es_options": "Por una amistad"})
    assert refused.status_code == 422
    assert "There are 2 answers in English, and 1 here" in error_at(refused.text, "es_options")


def test_who_reads_an_answer_is_read_in_full_and_is_the_clinicians_unless_the_owner_says_so(practice, owner):
    page = owner.get("/staff/questions/own/new").text

    [first, *others] = re.findall(r'<input[^>]* name="visibility"[^>]*>', page)
    assert 'value="own"' in first
    assert "checked" in first
    assert len(others) == 2
    assert "checked" not in "".join(others)
    assert "Clinicians alone; it isn’t shown again to whoever answered</label>" in page
