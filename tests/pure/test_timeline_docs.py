"""The table of a timeline's kinds, held against docs/timeline.md, and what its marks say."""

from __future__ import annotations

from pathlib import Path

import pytest

from practice.review.timeline_kinds import GROUP_WORDS, KINDS, Group, Knows, Needs

DOC = Path(__file__).parents[2] / "docs" / "timeline.md"


def test_the_page_about_it_has_each_kind_as_the_code_has_it() -> None:
    rows = [[cell.strip() for cell in line.strip("|\n ").split("|")] for line in DOC.read_text().splitlines()]
    found = {row[0].strip("`"): row[1:] for row in rows if len(row) == 5 and row[0].startswith("`")}
    meant = {
        key: [GROUP_WORDS[kind.group], kind.words, kind.knows.value, kind.needs.value] for key, kind in KINDS.items()
    }
    assert found == meant


def test_every_group_has_kinds_and_words() -> None:
    assert set(GROUP_WORDS) == set(Group) == {kind.group for kind in KINDS.values()}


@pytest.mark.parametrize("group", [Group.CLEARING, Group.NOTES])
def test_what_clinicians_write_and_decide_is_staffs_alone_and_clinical(group: Group) -> None:
    kinds = [kind for kind in KINDS.values() if kind.group is group]
    assert {(kind.knows, kind.needs) for kind in kinds} == {(Knows.STAFF, Needs.CLINICAL)}


def test_what_one_answered_paid_agreed_to_or_paused_is_never_known_to_the_other() -> None:
    own = (Group.REQUESTS, Group.MONEY, Group.CONSENTS, Group.LETTERS)
    assert {kind.knows for kind in KINDS.values() if kind.group in own} - {Knows.STAFF} == {Knows.ITS_PERSON}
    assert {KINDS[one].knows for one in ("paused", "resumed", "invited")} == {Knows.ITS_PERSON}
    assert KINDS["invitation_declined"].knows is Knows.STAFF
