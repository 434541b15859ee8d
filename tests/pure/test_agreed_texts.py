"""What is kept and hashed of a document, and how it is shown."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest

from practice.consents.documents import COUPLE, KEYS, AskedOf, tidy
from practice.consents.shipped import shipped, shipped_others
from practice.consents.showing import to_html
from practice.profile import LIMITED, NO_SECRETS, PracticeProfile
from practice.setup.comparing import Change, compare

PLAIN = tidy("Privacy", "What we keep.", "## Café\n\n- one\n- two")
HOUSE = PracticeProfile(
    name="Quiet Harbour",
    phone="+1 555 010 0100",
    email="office@practice.example",
    desk_hours="mon-fri 09:00-17:00; sat 10:00-12:00",
)


def test_what_is_hashed_is_title_summary_and_text_in_utf_8_and_nothing_else():
    assert PLAIN.exact == "Privacy\n\nWhat we keep.\n\n## Café\n\n- one\n- two\n"
    assert PLAIN.sha256 == hashlib.sha256("Privacy\n\nWhat we keep.\n\n## Café\n\n- one\n- two\n".encode()).hexdigest()


@pytest.mark.parametrize(
    "body",
    [
        "## Café\r\n\r\n- one\r\n- two",
        "## Café\r\r- one\r- two",
        "\n\n## Café  \n\n- one\t\n- two \n\n",
        unicodedata.normalize("NFD", "## Café\n\n- one\n- two"),
        "## Café\xa0\n\n- one\n- two",
    ],
    ids=["from Windows", "from an old Mac", "with white space at the ends", "decomposed", "with a fixed space"],
)
def test_the_same_words_are_the_same_text_whatever_they_were_typed_on(body):
    assert tidy(" Privacy ", "What  we\nkeep.", body) == PLAIN
    assert tidy(" Privacy ", "What  we\nkeep.", body).sha256 == PLAIN.sha256


@pytest.mark.parametrize(
    "other",
    [
        tidy("Privacy.", "What we keep.", "## Café\n\n- one\n- two"),
        tidy("Privacy", "What we keep", "## Café\n\n- one\n- two"),
        tidy("Privacy", "What we keep.", "## Cafe\n\n- one\n- two"),
        tidy("Privacy", "What we keep.", "## Café\n- one\n- two"),
        tidy("Privacy", "What we keep.", "## Café\n\n- one\n  - two"),
    ],
)
def test_any_other_word_sign_or_line_is_another_text(other):
    assert other.sha256 != PLAIN.sha256


def test_tidying_what_is_tidy_changes_nothing():
    assert tidy(PLAIN.title, PLAIN.summary, PLAIN.body) == PLAIN


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        'hello <img src="https://elsewhere.example/x.png" onerror="alert(1)"> there',
        "![picture](https://elsewhere.example/x.png)",
        "[press](javascript:alert(1))",
        "[press](data:text/html;base64,PHNjcmlwdD4=)",
        "<https://elsewhere.example>",
        '<div style="position:fixed">over everything</div>',
        '"><svg onload=alert(1)>',
    ],
)
def test_nothing_in_a_text_comes_alive(body):
    html = to_html(body, 2)

    for alive in ("<script", "<img", "<svg", "<div", "<iframe", 'href="javascript', 'href="data', "src="):
        if alive == "src=":
            assert 'src="' not in html
        else:
            assert alive not in html


def test_headings_stand_below_the_heading_that_the_page_gives_them():
    assert to_html("## One\n\n### Two", 4) == "<h4>One</h4>\n<h5>Two</h5>\n"
    assert "<h6>" in to_html("###### Deep", 4)


def test_we_ship_every_document_once_and_the_couples_once_for_each_policy():
    found = shipped(HOUSE)

    assert {one.key for one in found} == set(KEYS)
    assert sorted(one.policy for one in found if one.key == COUPLE) == [LIMITED, NO_SECRETS]
    assert len(found) == len(KEYS) + 1
    assert [one.key for one in found if not one.required] == ["mail"]
    assert {one.key: one.asked_of for one in found} == {
        "therapy": AskedOf.EVERYBODY,
        "couple": AskedOf.COUPLES,
        "privacy": AskedOf.EVERYBODY,
        "telehealth": AskedOf.VIDEO,
        "mail": AskedOf.LETTERS,
    }


def test_our_words_are_known_again_whatever_is_filled_in_and_nothing_else_is():
    moved = PracticeProfile(
        name="Quiet Harbour", phone="020 7946 0000", email="new@house.example", desk_hours="tue 09:00-10:00"
    )
    for one in shipped(HOUSE):
        assert shipped_others(moved, one.wording) == one.others, one.key
        changed = tidy(one.wording.title, one.wording.summary, f"{one.wording.body} Ours.")
        assert shipped_others(HOUSE, changed) == {}, one.key
    [therapy] = [one.wording for one in shipped(HOUSE) if one.key == "therapy"]
    hours_in_words = therapy.body.replace(HOUSE.desk_hours, "every weekday morning")
    assert shipped_others(HOUSE, tidy(therapy.title, therapy.summary, hours_in_words)) == {}


@pytest.mark.parametrize("policy", [LIMITED, NO_SECRETS])
def test_just_for_you_is_exempt_in_writing_whatever_the_policy(policy):
    [text] = [one.wording.body for one in shipped(HOUSE) if one.policy == policy]

    about = text.partition("“Just for you”")[2].partition("\n## ")[0]
    assert "It is never raised with your partner" in about.replace("\n", " ")


def test_what_we_ship_is_filled_in_with_the_practices_own_and_is_tidy():
    for one in shipped(HOUSE):
        assert "[" not in one.wording.exact, one.key
        assert tidy(one.wording.title, one.wording.summary, one.wording.body) == one.wording
        assert "!" not in one.wording.exact
    assert any("Quiet Harbour" in one.wording.body for one in shipped(HOUSE))


def test_each_language_says_the_hours_as_its_pages_do():
    [therapy] = [one for one in shipped(HOUSE) if one.key == "therapy"]

    assert "We read new requests mon-fri 09:00-17:00; sat 10:00-12:00." in therapy.wording.body
    assert (
        "Leemos las solicitudes nuevas en nuestro horario de atención (de lunes a viernes, de 9:00 a.m. a 5:00 p.m. y "
        "los sábados, de 10:00 a.m. a 12:00 p.m.)."
    ) in therapy.others["es"].body


def test_what_changes_is_told_line_by_line():
    after = tidy("Privacy", "What we keep, and why.", "## Café\n\n- one\n- two\n- three")

    assert compare(PLAIN, after) == [
        Change(("What we keep.",), ("What we keep, and why.",)),
        Change((), ("- three",)),
    ]
    assert compare(PLAIN, PLAIN) == []
