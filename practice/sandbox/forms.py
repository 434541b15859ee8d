"""Stripe's form encoding: brackets in, nested values out, and a check against the shapes that we know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from practice.sandbox.errors import Refusal

MOST_FIELDS = 200
PARTS = re.compile(r"\[([^\]]*)\]")

Shape = Any
"""A type (str, int, bool), "metadata", a one-element list (a list of that shape), or a mapping of names to shapes."""

MOST_KEYS, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500


def decode(encoded: str) -> dict[str, Any]:
    """`a[b][0]=c` becomes {"a": {"b": ["c"]}}; every value stays text."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS):
        path = [name.partition("[")[0], *PARTS.findall(name)]
        here = tree
        for part in path[:-1]:
            here = here.setdefault(part, {})
            if not isinstance(here, dict):
                raise Refusal(400, f"Invalid parameters: {name}", param=name)
        here[path[-1] or str(len(here))] = value
    return {name: _with_lists(value) for name, value in tree.items()}


def read(values: Mapping[str, Any], shape: Mapping[str, Shape], path: str = "") -> dict[str, Any]:
    """The values in their types.

    :raises Refusal: for a parameter that isn't known, or of the wrong type.
    """
    found = {}
    for name, value in values.items():
        place = f"{path}[{name}]" if path else name
        if name not in shape:
            raise Refusal(400, f"Received unknown parameter: {place}", code="parameter_unknown", param=place)
        found[name] = _typed(value, shape[name], place)
    return found


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(one) for name, one in value.items()}
    if inner and all(name == str(index) for index, name in enumerate(inner)):
        return list(inner.values())
    return inner


def _typed(value: Any, shape: Shape, place: str) -> Any:
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise Refusal(400, "Invalid array", param=place)
        return [_typed(one, shape[0], f"{place}[{index}]") for index, one in enumerate(value)]
    if isinstance(shape, Mapping):
        if not isinstance(value, dict):
            raise Refusal(400, "Invalid object", param=place)
        return read(value, shape, place)
    if shape == "metadata":
        return _metadata(value, place)
    if not isinstance(value, str):
        raise Refusal(400, "Invalid value", param=place)
    if shape is bool:
        if value not in ("true", "false"):
            raise Refusal(400, f"Invalid boolean: {value}", param=place)
        return value == "true"
    if shape is int:
        if not re.fullmatch(r"-?\d{1,15}", value):
            raise Refusal(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=place)
        return int(value)
    return value


def _metadata(value: Any, place: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise Refusal(400, "Metadata must be a set of key-value pairs", param=place)
    if len(value) > MOST_KEYS:
        raise Refusal(400, f"Metadata can have up to {MOST_KEYS} keys", param=place)
    for key, text in value.items():
        if len(key) > LONGEST_KEY:
            raise Refusal(400, f"Metadata keys must be at most {LONGEST_KEY} characters", param=place)
        if len(text) > LONGEST_VALUE:
            raise Refusal(400, f"Metadata values can have up to {LONGEST_VALUE} characters", param=f"{place}[{key}]")
    return value
