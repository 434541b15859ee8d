"""A request at a glance, two side by side, and one on paper: who reads what of it, and what the log has."""

from __future__ import annotations

import re

from practice.database import db
from practice.intake.models import Intake
from tests.support.answering_couples import books, completes, intake_of, two
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.staff import audit, desk
from tests.support.story import Practice

QUEUE = "/staff/intakes"
CLINICAL = ("My trust was hurt", "To repair", "leaning", "Six steps", "tag-red", "dot-", "Named", "open flag")


def glance(page: str) -> str:
    return page.partition('class="glance"')[2].partition("</section>")[0]


def dots(page: str) -> list[list[str]]:
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', glance(page), re.DOTALL)
    return [re.findall(r'class="dot dot-(\w+)"></span><span class="visually-hidden">([^<]+)', row) for row in rows]


def test_the_first_thirty_seconds_have_both_people_once_both_have_sent(practice: Practice) -> None:
    couple = two(practice, {"control": "often", "step5_apology": "4"}, {"lean": "1", "step6_change": "not_sure"})

    page = desk(practice, "clinician").get(f"{QUEUE}/{intake_of(practice, couple.one)}").text
    words = " ".join(re.sub(r"<[^>]+>", " ", glance(page)).split())

    assert "tag-red" in glance(page)
    assert "1 open flag" in words
    assert 'href="#flags"' in page
    assert 'id="flags"' in page
    assert "My trust was hurt · Lies, half-truths or leaving things out · The same thing more than once" in words
    assert "Still going on: No, it has stopped" in words
    assert "leaning in" in words
    assert "leaning out" in words
    robin, kim = dots(page)
    assert [mark for mark, _ in robin] == ["half", "half", "half", "half", "full", "empty"]
    assert robin[4] == ("full", "Steady, and it lasts")
    assert kim[5] == ("unknown", "Not sure")
    assert "Decision due" in words
    assert "Missing A time" in words


def test_what_is_missing_is_named_and_no_dot_is_guessed(practice: Practice) -> None:
    robin = books(practice)

    page = desk(practice, "clinician").get(f"{QUEUE}/{intake_of(practice, robin)}").text

    assert "The part before the session; Somebody to come with them; A time" in page
    assert {mark for row in dots(page) for mark, _ in row} == {"unknown"}


def test_a_coordinators_head_and_print_have_logistics_alone(practice: Practice) -> None:
    couple = two(practice, {"control": "often"}, {"lean": "1"})
    browser = desk(practice, "coordinator")
    for address in (f"{QUEUE}/{intake_of(practice, couple.one)}", f"{QUEUE}/{intake_of(practice, couple.one)}/print"):
        page = browser.get(address).text

        assert "New York" in page
        assert [word for word in CLINICAL if word in page] == []


def test_a_print_has_nothing_of_just_for_you_and_is_in_the_log(practice: Practice) -> None:
    robin = books(practice, control="often", self_harm="passing")
    completes(practice, robin, breach_story="It began with a letter.", substance_concern="yes")
    reference = intake_of(practice, robin)
    browser = desk(practice, "clinician")
    private = browser.get(f"{QUEUE}/{reference}/just-for-you").text
    asked = re.findall(r"<dt>([^<]+)</dt>", private)

    page = browser.get(f"{QUEUE}/{reference}/print").text

    assert "It began with a letter." in page
    assert len(asked) > 5
    assert [question for question in asked if question in page] == []
    assert [word for word in ("tag-red", "tag-amber", "open flag") if word in page] == []
    assert [subject for _, _, subject in audit(practice, "intake_printed")] == [reference]
    assert desk(practice, "therapist", therapist="noor-haddad").get(f"{QUEUE}/{reference}/print").status_code == 404
    assert len(audit(practice, "intake_printed")) == 1
    assert len(audit(practice, "intake_refused")) == 1


def test_a_print_says_once_that_no_step_was_answered_and_the_year_that_it_was_sent_in(practice: Practice) -> None:
    silent = books(practice)
    said = books(practice, name="Kim", email="kim@mail.example")
    completes(practice, said, step1_named="3", step2_talked="")
    browser = desk(practice, "clinician")

    nothing, something = (browser.get(f"{QUEUE}/{intake_of(practice, one)}/print").text for one in (silent, said))

    assert '<td colspan="6">Nothing answered so far.</td>' in nothing
    assert "Not answered</td>" not in nothing
    steps = something.partition('<table class="steps">')[2].partition("</table>")[0]
    assert "Nothing answered" not in steps
    assert "<td>Mostly</td><td>–</td>" in steps
    assert re.search(r"Sent <time[^>]*>\w+ \d+ \w+ 20\d\d, [^<]+</time>\.", nothing)


def test_sessions_on_a_print_stand_in_the_order_in_which_they_come(practice: Practice) -> None:
    robin = books(practice)
    for starts in (MONDAY_TEN, MONDAY_NINE):
        practice.hold(starts, robin)

    page = desk(practice, "clinician").get(f"{QUEUE}/{intake_of(practice, robin)}/print").text

    assert re.findall(r'<p><time datetime="([^"]+)"', page) == [
        MONDAY_NINE.isoformat(timespec="seconds"),
        MONDAY_TEN.isoformat(timespec="seconds"),
    ]


def test_side_by_side_marks_differences_by_a_sign_and_a_word_and_shows_them_alone(practice: Practice) -> None:
    couple = two(practice, {"lean": "3"}, {"lean": "1"})
    browser, address = desk(practice, "clinician"), f"/staff/couples/{couple.reference}"

    every, alone, odd = (browser.get(address + query).text for query in ("", "?show=differences", "?show=x%27"))

    marked = re.compile(r'≠ </span>Right now I am…\s*<span class="tag tag-amber">differs</span>')
    assert marked.search(every)
    assert re.search(r"= </span>Was it one event or a pattern\?", every)
    assert marked.search(alone)
    assert "Was it one event or a pattern?" not in alone
    assert alone.count("differs</span>") == every.count("differs</span>") == odd.count("differs</span>") > 0
    with practice.app.app_context():
        assert len(db.session.scalars(db.select(Intake.id)).all()) == 2


def test_side_by_side_marks_nothing_where_one_of_the_two_left_it_empty(practice: Practice) -> None:
    couple = two(practice, {"discovery_how": "", "barriers_us": ()}, {"discovery_how": "found", "barriers_us": ()})
    browser, address = desk(practice, "clinician"), f"/staff/couples/{couple.reference}"

    every, alone = (browser.get(address + query).text for query in ("", "?show=differences"))

    empty = '<span class="fine">Left empty</span>'
    rows = {row.partition("</th>")[0].strip(): row.count(empty) for row in re.split(r'<th scope="row">', every)[1:]}
    assert rows["How did it come into the open?"] == 1
    assert rows["Between us I notice…"] == 2
    assert "How did it come into the open?" not in alone
