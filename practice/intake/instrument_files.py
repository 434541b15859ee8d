"""An instrument's file: text in, checked data out; a mistake is refused with its line. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from practice.intake.instruments import BadInstrument, Path, read_instrument
from practice.languages import N_, Sentence

MOST_BYTES = 64 * 1024
TOO_LARGE = N_("The file has more than %(most)s KiB. An instrument needs far less.")
NO_TEXT = N_("The file isn’t text in UTF-8. Save it as plain text.")
MOST_NODES, MOST_DEPTH = 4000, 8


def load_instrument(text: str) -> dict[str, Any]:
    """The data of an instrument's file, checked, as JSON holds it.

    :raises BadInstrument: naming the line, what is wrong and what to do.
    """
    if len(text.encode()) > MOST_BYTES:
        raise BadInstrument((), TOO_LARGE, most=MOST_BYTES // 1024)
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
        why = getattr(error, "problem", None) or Sentence(N_("it can’t be read"))
        if mark is None:
            raise BadInstrument((), N_("The file is no YAML: %(why)s."), why=why) from None
        raise BadInstrument((), N_("Line %(line)s is no YAML: %(why)s."), line=mark.line + 1, why=why) from None
    except BadInstrument as refusal:
        at = next(
            (lines[refusal.path[:end]] for end in range(len(refusal.path), 0, -1) if refusal.path[:end] in lines), 0
        )
        if not at:
            raise
        raise BadInstrument(refusal.path, N_("%(what)s (line %(line)s)"), what=refusal.words, line=at) from None
    except (ValueError, RecursionError):  # a date that isn't one, say
        raise BadInstrument((), N_("The file holds something that is no text, number, date or list.")) from None
    found: dict[str, Any] = _plain(data)
    return found


def _refuse_bombs(text: str) -> None:
    """Aliases make a small file endless, and depth makes a reader give up: neither is of use in an instrument."""
    depth = nodes = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        line = (event.start_mark.line if event.start_mark else 0) + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadInstrument((), N_("Line %(line)s has an alias (& or *). Write it out."), line=line)
        if getattr(event, "tag", None):
            raise BadInstrument((), N_("Line %(line)s has a tag (!). Take it away."), line=line)
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH or nodes > MOST_NODES:
            raise BadInstrument(
                (), N_("Line %(line)s goes too deep, or there is too much. An instrument needs far less."), line=line
            )


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
                line = key.start_mark.line + 1
                raise BadInstrument((), N_("Line %(line)s says %(key)s a second time."), line=line, key=key.value)
            _note_lines(value, here, lines)


def _plain(data: Any) -> Any:
    """The same, as JSON holds it: dates as text."""
    if isinstance(data, Mapping):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return data.isoformat() if isinstance(data, date) else data
