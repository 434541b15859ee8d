"""Every action that the product records has words on the audit page, and there are none for what is never recorded."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from practice.payments.settlement import RefundState
from practice.payments.snapshots import ChargeStatus, DisputeStatus
from practice.rights.access.rules import State as AccessState
from practice.staff.audit_words import GROUPS, WORDS, words_of

PRACTICE = Path(__file__).parents[2] / "practice"

# What stands in the place of a part that is only known when it is recorded, by what stands before it.
PARTS = {
    "access_": [str(one) for one in AccessState],
    "dispute_": [str(one) for one in DisputeStatus],
    "erasure_": ["asked", "erased", "refused", "taken_back"],
    "fee_": [str(one) for one in ChargeStatus],
    "money_": ["given_back", "returned", "sent_again", "by_hand", "fee", "fee_asked", "fee_dropped", "spared"],
    "refund_": [str(one) for one in RefundState],
}


class Unread(Exception):
    """An action is made in a way that this test can't follow: teach it, or write the action plainly."""


def read_actions(source: str, others: Sequence[ast.Module] = ()) -> Iterator[str]:
    """Every action that a file records, also by way of a function that takes it; `others` may call such a function."""
    tree = ast.parse(source)
    for function in [tree, *(one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))]:
        for call in _calls(function, "record"):
            if len(call.args) > 3:
                yield from _said(call.args[2], function, [tree, *others])


def _calls(within: ast.AST, name: str) -> Iterator[ast.Call]:
    for one in ast.walk(within):
        if isinstance(one, ast.Call) and name in (getattr(one.func, "id", ""), getattr(one.func, "attr", "")):
            yield one


def _said(said: ast.expr, function: ast.AST, trees: Sequence[ast.Module]) -> Iterator[str]:
    match said:
        case ast.Constant(value=str(action)):
            yield action
        case ast.IfExp():
            yield from _said(said.body, function, trees)
            yield from _said(said.orelse, function, trees)
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue()]) if start in PARTS:
            yield from (start + part for part in PARTS[start])
        case ast.Name(id=name) if isinstance(function, ast.FunctionDef):
            yield from _named(name, function, trees)
        case ast.Name():
            return  # seen again within its function
        case _:
            raise Unread(ast.unparse(said))


def _named(name: str, function: ast.FunctionDef, trees: Sequence[ast.Module]) -> Iterator[str]:
    """What a name of this function stands for: what it is set to, or what callers give."""
    given = [one.arg for one in function.args.args]
    if name not in given:
        sets = [one for one in ast.walk(function) if isinstance(one, ast.Assign)]
        values = [one.value for one in sets if any(getattr(at, "id", "") == name for at in one.targets)]
        if not values:
            raise Unread(f"{function.name}: {name}")
        for value in values:
            yield from _said(value, function, trees)
        return
    place = given.index(name)
    for tree in trees[:1] if function.name.startswith("_") else trees:
        for call in _calls(tree, function.name):
            if place < len(call.args):
                yield from _said(call.args[place], function, trees)


def recorded() -> set[str]:
    sources = [path.read_text() for path in sorted(PRACTICE.rglob("*.py"))]
    trees = [ast.parse(source) for source in sources]
    return {action for source in sources for action in read_actions(source, trees)}


def test_every_action_that_is_recorded_has_words():
    assert sorted(recorded() - set(WORDS)) == []


def test_there_are_no_words_for_what_is_never_recorded():
    assert sorted(set(WORDS) - recorded()) == []


def test_an_action_stands_in_one_group_alone():
    listed = [action for group in GROUPS.values() for action in group.words]
    assert sorted(set(listed)) == sorted(listed)


def test_an_action_of_an_earlier_version_is_called_by_its_name():
    assert words_of("something_gone") == "something gone"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("record(work, actor, 'seen', one)", {"seen"}),
        ("record(work, actor, 'seen' if well else 'refused', one)", {"seen", "refused"}),
        (
            "def note(action):\n    record(work, actor, action, one)\nnote('listed')\nnote('opened')",
            {"listed", "opened"},
        ),
        ("def note():\n    how = 'left' if away else 'came'\n    record(work, actor, how, one)", {"left", "came"}),
        ("audit.record(work, actor, f'refund_{state}', one)", {f"refund_{one}" for one in RefundState}),
    ],
)
def test_actions_are_found_however_they_are_written(line, found):
    assert set(read_actions(line)) == found


def test_what_cannot_be_followed_is_no_silence():
    with pytest.raises(Unread):
        list(read_actions("record(work, actor, make(one), two)"))
