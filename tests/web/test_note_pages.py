"""Notes on the desk: writing, signing, adding, two windows, and who finds which."""

from __future__ import annotations

import re

import pytest

from practice.database import db
from practice.notes.models import Note, NoteVersion
from tests.support.answering_couples import Two, intake_of, two
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, ALONE, NOOR, confirmed
from tests.support.staff import audit, desk, hire, sign_in
from tests.support.story import Practice

WORDS = '<script>alert(1)</script> {{ 7 * 7 }} " onload=x\n\nSecond thought.'


@pytest.fixture
def couple(practice: Practice) -> Two:
    return two(practice, {}, {})


@pytest.fixture
def browser(practice: Practice) -> Browser:
    return desk(practice, "clinician")


def about(couple: Two) -> str:
    return f"/staff/notes/people/{couple.one.reference}"


def text(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return answer.text


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def write(browser: Browser, path: str, words: str, then: str = "keep") -> str:
    """Where the new note is."""
    answer = browser.submit(path, {"text": words, "then": then}, form=path)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def notes_of(practice: Practice) -> list[Note]:
    with practice.app.app_context():
        found = list(db.session.scalars(db.select(Note).order_by(Note.id)))
        db.session.expunge_all()
        return found


def test_a_signed_note_says_its_author_and_its_day_with_the_year_and_once_that_it_is_signed(
    couple: Two, browser: Browser
) -> None:
    note = write(browser, about(couple), "All is well.", then="sign")

    page, listed = plain(text(browser, note)), plain(text(browser, about(couple)))

    assert re.search(r"Signed clinician-desk@practice.example, \w+ \d+ \w+ 2027, \d", page)
    assert re.search(r"\w+day \d+ \w+ 2027, clinician-desk@practice.example Signed", listed)


def test_a_request_leads_to_the_notes_about_its_person_and_a_couple_to_theirs(
    practice: Practice, couple: Two, browser: Browser
) -> None:
    request = text(browser, f"/staff/intakes/{intake_of(practice, couple.one)}")
    assert f'href="{about(couple)}"' in request
    assert "None so far." in request
    together = f"/staff/notes/couples/{couple.reference}"
    assert f'href="{together}"' in text(browser, f"/staff/couples/{couple.reference}")
    page = text(browser, together)
    assert f'href="{about(couple)}"' in page
    assert together in text(browser, about(couple))


def test_a_draft_is_kept_saved_signed_and_added_to(practice: Practice, couple: Two, browser: Browser) -> None:
    draft = write(browser, about(couple), WORDS)
    page = text(browser, draft)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }}" in page
    assert "<script>alert" not in page
    assert "Draft" in page

    practice.clock.advance(minutes=3)
    assert browser.submit(draft, {"text": "Better words.", "then": "keep"}, form=draft).status_code == 302
    page = plain(text(browser, draft))
    assert "Saved 2 times" in page
    assert "Second thought." in page  # the version before
    signed = browser.submit(draft, {"text": "Better words.", "then": "sign"}, form=draft)
    assert signed.status_code == 302
    page = text(browser, draft)
    assert f'action="{draft}"' not in page
    assert browser.submit(draft, {"text": "It was Tuesday."}, form="addenda").status_code == 302

    listed = plain(text(browser, about(couple)))
    assert "clinician-desk@practice.example" in listed
    assert listed.index("Better words.") < listed.index("It was Tuesday.")
    assert "Second thought." not in listed
    with practice.app.app_context():
        assert b"Second thought" not in b"".join(db.session.scalars(db.select(NoteVersion.sealed)))
    noted = [(action, subject) for _, action, subject in audit(practice, "note_begun", "note_signed", "note_added_to")]
    assert noted == [(one, couple.one.reference) for one in ("note_begun", "note_signed", "note_added_to")]


def test_a_note_can_be_signed_at_once(practice: Practice, couple: Two, browser: Browser) -> None:
    write(browser, about(couple), "All said.", then="sign")
    [note] = notes_of(practice)
    assert (note.last, note.signed_at) == (1, practice.clock.now())


@pytest.mark.parametrize("words", ["", "   ", "x" * 4001, "a\x00b", "turned \u202e around"])
def test_what_cannot_be_kept_is_told_so_and_nothing_typed_is_lost(
    practice: Practice, couple: Two, browser: Browser, words: str
) -> None:
    answer = browser.submit(about(couple), {"text": words, "then": "keep"}, form=about(couple))
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    if len(words) > 4000:
        assert words in answer.text
    assert notes_of(practice) == []
    draft = write(browser, about(couple), "Kept.")
    for form, path in ((draft, draft), ("addenda", draft)):
        if form == "addenda":
            browser.submit(draft, {"text": "Kept.", "then": "sign"}, form=draft)
        sent = {"text": words} if form == "addenda" else {"text": words, "then": "keep"}
        answer = browser.submit(path, sent, form=form)
        assert answer.status_code == 422
        assert "<title>Error:" in answer.text


def test_two_windows_never_overwrite_each_other_and_what_was_typed_stays(
    practice: Practice, couple: Two, browser: Browser
) -> None:
    draft = write(browser, about(couple), "First.")
    seen = browser.get(draft).text
    token = seen.partition('name="csrf_token" value="')[2].partition('"')[0]
    browser.submit(draft, {"text": "In this window.", "then": "keep"}, form=draft)

    late = browser.post(draft, data={"csrf_token": token, "seen": "1", "text": "In the other.", "then": "sign"})

    assert late.status_code == 409
    assert "This note changed while you wrote" in late.text
    assert "In the other.</textarea>" in late.text
    assert "As it stands now" in late.text
    assert "<p>In this window.</p>" in late.text
    [note] = notes_of(practice)
    assert (note.last, note.signed_at) == (2, None)
    # Sent once more, now that both were read.
    both_read = {"csrf_token": token, "seen": "2", "text": "Of both.", "then": "sign"}
    assert browser.post(draft, data=both_read).status_code == 302
    signed = browser.post(draft, data={"csrf_token": token, "seen": "3", "text": "Too late.", "then": "keep"})
    assert signed.status_code == 409
    assert "Too late.</textarea>" in signed.text  # it stands in the field of an addendum
    assert f'action="{draft}/addenda"' in signed.text
    twice = {"csrf_token": token, "seen": "0", "text": "Once."}
    assert browser.post(f"{draft}/addenda", data=twice).status_code == 302
    assert browser.post(f"{draft}/addenda", data=twice).status_code == 409


def test_a_draft_is_its_authors_to_change_and_to_throw_away(practice: Practice, couple: Two, browser: Browser) -> None:
    draft = write(browser, about(couple), "Mine.")
    owner = desk(practice, "owner")
    page = text(owner, draft)
    assert "Mine." in page
    assert "by its author alone" in page
    assert "<textarea" not in page
    token = text(owner, "/staff/account").partition('name="csrf_token" value="')[2].partition('"')[0]
    for path in (draft, f"{draft}/discard", f"{draft}/addenda"):
        data = {"csrf_token": token, "seen": "1", "text": "Theirs.", "then": "sign"}
        assert owner.post(path, data=data).status_code == 404
    assert browser.submit(draft, {}, form="discard").status_code == 302
    assert notes_of(practice) == []
    assert browser.get(draft).status_code == 404


def test_whoever_sees_one_of_the_two_finds_no_note_about_the_other_or_both(practice: Practice, couple: Two) -> None:
    clinician = desk(practice, "clinician")
    other = f"/staff/notes/people/{couple.other.reference}"
    together = f"/staff/notes/couples/{couple.reference}"
    hidden = [write(clinician, other, "Canaryother."), write(clinician, together, "Canaryboth.")]
    confirmed(practice, MONDAY_NINE, couple.one, therapist=ADA, offering=ALONE)
    ada = sign_in(practice, hire(practice, "therapist", email="ada@practice.example", therapist=ADA))

    mine = text(ada, about(couple))

    assert "Canary" not in mine
    assert couple.reference not in mine
    for path in (other, together, *hidden):
        answer = ada.get(path)
        assert answer.status_code == 404
        assert "Canary" not in answer.text
    request = text(ada, f"/staff/intakes/{intake_of(practice, couple.one)}")
    assert "Note begun" not in request
    assert {subject for _, _, subject in audit(practice, "notes_refused")} == {couple.other.reference, couple.reference}


def test_coordinators_and_foreign_therapists_find_none(practice: Practice, couple: Two, browser: Browser) -> None:
    draft = write(browser, about(couple), "Canarynote.")
    for roles, therapist in ((("coordinator",), None), (("therapist",), NOOR)):
        stranger = desk(practice, *roles, therapist=therapist)
        for path in (about(couple), draft):
            answer = stranger.get(path)
            assert answer.status_code == 404
            assert "Canarynote" not in answer.text


def test_a_draft_of_a_day_is_called_on_its_authors_today_alone(practice: Practice, couple: Two) -> None:
    author = hire(practice, "clinician", email="author@practice.example")
    browser = sign_in(practice, author)
    write(browser, about(couple), "Unfinished.")
    write(browser, about(couple), "Finished.", then="sign")
    assert "isn’t signed" not in text(browser, "/staff/")
    practice.clock.advance(hours=24)
    browser = sign_in(practice, author)
    assert "1 note of yours isn’t signed." in text(browser, "/staff/")
    drafts = text(browser, "/staff/notes/")
    assert "About Robin" in drafts
    assert "Unfinished." not in drafts
    assert "isn’t signed" not in text(desk(practice, "owner"), "/staff/")
