"""What is left out of a record: marks, the words around them, and texts that nobody has looked at."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.rights.access.redacting import (
    LEFT_OUT,
    PAGE_CHARACTERS,
    PAGE_ITEMS,
    Choice,
    Item,
    Looked,
    Unfit,
    find_items,
    in_pages,
    read_marked,
    redact,
)

AT = "2027-05-05T12:00:00+00:00"
FREE = {("i_1", "breach_story"), ("2027-05-10", "pulse_words")}


def record() -> dict[str, Any]:
    """As an export of the whole scope has it, less what nobody writes in words."""
    said = {"lane": None, "sent": True, "never_shown_again": False, "section": "About you"}
    return {
        "made_at": AT,
        "intakes": [
            {
                "reference": "i_1",
                "answers": [
                    {**said, "field": "preferred_name", "question": "Name", "codes": ["Robin"], "answer": "Robin"},
                    {**said, "field": "breach_story", "question": "Story", "codes": ["Kim lied"], "answer": "Kim lied"},
                ],
                "corrections": [],
            }
        ],
        "pulse": {
            "answered": [
                {
                    "day": "2027-05-10",
                    "answers": [{"field": "pulse_words", "question": "Words", "codes": ["Fine"], "answer": "Fine"}],
                }
            ]
        },
        "contact_changes": [
            {"changed_at": AT, "before_name": "", "before_email": "old@mail.example", "before_phone": None}
        ],
        "pauses": [{"paused_at": AT, "reason": "I fear them"}, {"paused_at": AT, "reason": None}],
        "requests": [],
        "flag_decisions": [{"flag": "control", "by": "staff:1", "decided_at": AT, "reason": "We spoke"}],
        "notes": [
            {"written_at": AT, "by": "Ada", "text": "Kim called.\r\nRobin knows.", "addenda": []},
            {"written_at": AT, "by": "Ada", "text": "The same", "addenda": []},
            {"written_at": AT, "by": "Ada", "text": "The same", "addenda": []},
        ],
        "notes_of_two": [],
        "diagnoses": [{"entered_at": AT, "code": ""}, {"entered_at": AT, "code": "F43.23"}],
    }


def all_kept(items: list[Item], **but: Looked) -> dict[str, Looked]:
    """Everything looked at and kept, but for texts that begin as told (an underscore stands for a blank)."""
    found = {item.key: Looked(Choice.KEEP) for item in items}
    for begins, looked in but.items():
        [key] = [item.key for item in items if item.text.startswith(begins.replace("_", " "))]
        found[key] = looked
    return found


def test_what_staff_wrote_comes_first_and_every_text_has_a_key_of_its_own() -> None:
    items = find_items(record(), FREE)

    assert [(item.text, item.by_staff) for item in items] == [
        ("Kim called.\nRobin knows.", True),
        ("The same", True),
        ("The same", True),
        ("We spoke", True),
        ("F43.23", True),
        ("Kim lied", False),
        ("Fine", False),
        ("old@mail.example", False),
        ("I fear them", False),
    ]
    assert len({item.key for item in items}) == len(items)


def test_a_text_keeps_its_key_when_others_come_and_gets_another_when_it_changes() -> None:
    before = {item.key for item in find_items(record(), FREE)}
    more = record()
    more["notes"].insert(0, {"written_at": AT, "by": "Noor", "text": "Another", "addenda": []})
    changed = record()
    changed["intakes"][0]["answers"][1]["answer"] = "Kim told the truth"

    assert before < {item.key for item in find_items(more, FREE)}
    assert len(before - {item.key for item in find_items(changed, FREE)}) == 1


def test_the_words_of_one_are_left_out_for_readers_and_programs_alike_and_the_original_stays() -> None:
    whole = record()
    untouched, items = copy.deepcopy(whole), find_items(whole, FREE)
    made = redact(
        whole,
        items,
        all_kept(
            items,
            Kim_called=Looked(Choice.PASSAGES, "[[Kim]] called.\r\nRobin knows."),
            Kim_lied=Looked(Choice.PASSAGES, "[[Kim]] lied"),
            F43=Looked(Choice.LEAVE),
        ),
    )

    assert made.record["notes"][0]["text"] == f"{LEFT_OUT} called.\nRobin knows."
    assert made.record["intakes"][0]["answers"][1]["answer"] == f"{LEFT_OUT} lied"
    assert made.record["intakes"][0]["answers"][1]["codes"] == [f"{LEFT_OUT} lied"]
    assert made.record["diagnoses"] == [{"entered_at": AT, "code": ""}]  # that there was one tells too
    assert (made.left_out, made.unseen) == (3, ())
    assert whole == untouched
    assert "Kim" not in str(made.record)


def test_what_staff_wrote_must_be_looked_at_and_what_its_person_wrote_need_not() -> None:
    items = find_items(record(), FREE)

    assert [item.text for item in redact(record(), items, {}).unseen] == [one.text for one in items if one.by_staff]
    assert redact(record(), items, {}).left_out == 0
    assert redact(record(), items, all_kept(items)).unseen == ()


def test_words_that_came_to_stand_where_something_was_left_out_are_looked_at_anew() -> None:
    items = find_items(record(), FREE)
    [story] = [item for item in items if item.text == "Kim lied"]
    looked = all_kept(items, Kim_lied=Looked(Choice.PASSAGES, "[[Kim]] lied", story.place))
    again = record()
    again["intakes"][0]["answers"][1]["answer"] = "Kim lied to me"

    [unseen] = redact(again, find_items(again, FREE), looked).unseen
    assert unseen.text == "Kim lied to me"
    kept = all_kept(items, Kim_lied=Looked(Choice.KEEP, place=story.place))
    assert redact(again, find_items(again, FREE), kept).unseen == ()


def test_a_flag_that_is_left_out_is_not_there_at_all() -> None:
    items = find_items(record(), FREE)
    made = redact(record(), items, all_kept(items, We_spoke=Looked(Choice.LEAVE)))
    assert (made.record["flag_decisions"], made.left_out) == ([], 1)


def test_a_record_is_marked_by_what_it_says_and_not_by_when_it_was_made() -> None:
    later, other = {**record(), "made_at": "2027-05-06T12:00:00+00:00"}, record()
    other["notes"][0]["text"] += " More."

    def mark(of: dict[str, Any]) -> str:
        return redact(of, find_items(of, FREE), {}).mark

    assert mark(record()) == mark(later)
    assert mark(record()) != mark(other)


@pytest.mark.parametrize(
    ("original", "marked", "shown"),
    [
        ("Kim called", "[[Kim]] called", f"{LEFT_OUT} called"),
        ("Kim called", "[[Kim called]]", LEFT_OUT),
        ("Kim called Kim", "[[Kim]] called [[Kim]]", f"{LEFT_OUT} called {LEFT_OUT}"),
        ("a\nb", "[[a\r\n]]b", f"{LEFT_OUT}b"),
        ("see [[1]] now", "see [[1]] [[now]]", f"see [[1]] {LEFT_OUT}"),
        ("a[b", "a[[[b]]", f"a{LEFT_OUT}"),
    ],
)
def test_marked_passages_are_left_out(original: str, marked: str, shown: str) -> None:
    assert read_marked(original, marked) == shown


@pytest.mark.parametrize(
    ("marked", "why"),
    [
        ("Kim called", "no passage is marked"),
        ("[[Kim called", "has no ]]"),
        ("Kim]] called", "has no other one"),
        ("[[Kim [[called]]", "has no other one"),
        ("[[]]Kim called", "nothing stands between the marks"),
        ("[[Kim]] phoned", "are not those that were written"),
        ("[[Kim]] call", "is missing"),
        ("[[Kim]] called twice", "are not those that were written"),
        ("", "is missing"),
    ],
)
def test_marks_and_words_that_do_not_fit_are_refused_and_say_why(marked: str, why: str) -> None:
    with pytest.raises(Unfit) as unfit:
        read_marked("Kim called", marked)
    assert why in str(unfit.value)


@given(st.lists(st.tuples(st.text(), st.text(min_size=1)), min_size=1), st.text())
def test_whatever_is_marked_is_gone_and_everything_else_stays(pieces: list[tuple[str, str]], last: str) -> None:
    """Brackets of the text's own have examples above: where they touch a mark, either could be meant."""
    clean = [(_clean(shown), _clean(hidden) or "x") for shown, hidden in pieces]
    original = "".join(shown + hidden for shown, hidden in clean) + _clean(last)
    marked = "".join(f"{shown}[[{hidden}]]" for shown, hidden in clean) + _clean(last)

    assert read_marked(original, marked) == "".join(shown + LEFT_OUT for shown, _ in clean) + _clean(last)


@given(st.text(alphabet="[]ab"), st.text(alphabet="[]ab"))
def test_no_marks_ever_add_or_change_a_word(original: str, marked: str) -> None:
    try:
        shown = read_marked(original, marked)
    except Unfit:
        return
    rest = original
    for piece in shown.split(LEFT_OUT):
        assert piece in rest
        rest = rest[rest.index(piece) + len(piece) :]


def _clean(text: str) -> str:
    return "".join(letter for letter in text if letter not in "[]\r")


def test_a_review_comes_in_pages_that_can_be_sent_and_loses_no_text() -> None:
    def item(number: int, size: int) -> Item:
        return Item(f"k{number}", "Note", "x" * size, ("notes", number), "text", by_staff=True, place=f"p{number}")

    items = [item(number, 10) for number in range(20)] + [item(20 + number, 9_000) for number in range(5)]
    pages = in_pages(items)

    assert [one for page in pages for one in page] == items
    assert all(1 <= len(page) <= PAGE_ITEMS for page in pages)
    assert all(sum(len(one.text) for one in page) <= PAGE_CHARACTERS for page in pages)
    assert in_pages([]) == [()]


def test_words_before_a_correction_can_be_left_out_and_how_it_was_asked_must_be_looked_at() -> None:
    whole = record()
    row = {"corrected_at": AT, "field": "breach_story", "question": "Story", "asked_how": "Kim rang"}
    whole["intakes"][0]["corrections"] = [{**row, "before_codes": ["Old"], "before_answer": "Old"}]
    items = [one for one in find_items(whole, FREE) if "corrections" in one.row]
    assert [(one.text, one.by_staff) for one in items] == [("Kim rang", True), ("Old", False)]
    made = redact(whole, items, {one.key: Looked(Choice.LEAVE) for one in items}).record
    left = made["intakes"][0]["corrections"][0]
    assert (left["asked_how"], left["before_answer"], left["before_codes"]) == (LEFT_OUT, LEFT_OUT, [LEFT_OUT])
