"""An instrument's file: text in, checked data out; a mistake is refused with its line. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from practice.intake.instruments import BadInstrument, Path, read_instrument

MOST_BYTES = 64 * 1024
MOST_NODES, MOST_DEPTH = 4000, 8


def load_instrument(text: str) -> dict[str, Any]:
    """The data of an instrument's file, checked, as JSON holds it.

    :raises BadInstrument: naming the line, what is wrong and what to do.
    """
    if len(text.encode()) > MOST_BYTES:
        raise BadInstrument((), f"The file has more than {MOST_BYTES // 1024} KiB. An instrument needs far less.")
    lines: dict[Path, int] = {}
    try:
        _refuse_bombs(text)
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        _note_lines(node, (), lines)
        data = loader.construct_document(node) if node is not None else None
        read_instrument(data)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"Line {mark.line + 1}" if mark is not None else "The file"
        raise BadInstrument(
            (), f"{where} is no YAML: {getattr(error, 'problem', None) or 'it can’t be read'}."
        ) from None
    except BadInstrument as refusal:
        at = next(
            (lines[refusal.path[:end]] for end in range(len(refusal.path), 0, -1) if refusal.path[:end] in lines), 0
        )
        raise (BadInstrument(refusal.path, f"{_after_place(refusal)} (line {at})") if at else refusal) from None
    except (ValueError, RecursionError):  # a date that isn't one, say
        raise BadInstrument((), "The file holds something that is no text, number, date or list.") from None
    found: dict[str, Any] = _plain(data)
    return found


def _refuse_bombs(text: str) -> None:
    """Aliases make a small file endless, and depth makes a reader give up: neither is of use in an instrument."""
    depth = nodes = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        line = (event.start_mark.line if event.start_mark else 0) + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadInstrument((), f"Line {line} has an alias (& or *). Write it out.")
        if getattr(event, "tag", None):
            raise BadInstrument((), f"Line {line} has a tag (!). Take it away.")
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH or nodes > MOST_NODES:
            raise BadInstrument((), f"Line {line} goes too deep, or there is too much. An instrument needs far less.")


def _note_lines(node: yaml.Node | None, path: Path, lines: dict[Path, int]) -> None:
    if node is None:
        return
    lines[path] = (node.start_mark.line if node.start_mark else 0) + 1
    if isinstance(node, yaml.SequenceNode):
        for number, one in enumerate(node.value):
            _note_lines(one, (*path, number), lines)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            if here in lines:
                raise BadInstrument((), f"Line {key.start_mark.line + 1} says {key.value} a second time.")
            _note_lines(value, here, lines)


def _plain(data: Any) -> Any:
    """The same, as JSON holds it: dates as text."""
    if isinstance(data, Mapping):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return data.isoformat() if isinstance(data, date) else data


def _after_place(refusal: BadInstrument) -> str:
    return str(refusal).partition(": ")[2] if refusal.path else str(refusal)
