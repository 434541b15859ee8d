"""Every test makes an app of its own; what is the same in all of them is compiled once in a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

_compile_builder = Rule._compile_builder
_builders: dict[tuple[Any, ...], Callable[..., Any]] = {}


class CompiledTemplates(BytecodeCache):
    """Templates by their name and source: one that a test changes is another."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from this very source."""
        if (bucket.key, bucket.checksum) in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key, bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


TEMPLATES = CompiledTemplates()


def share(app: Flask) -> Flask:
    """Have this app take its templates from those that an app before it has compiled."""
    app.jinja_env.bytecode_cache = TEMPLATES
    return app


def share_addresses() -> None:
    """Have the builder of each address compiled once: it depends on the words of its rule alone."""
    Rule._compile_builder = _builder_of  # type: ignore[method-assign]


def _builder_of(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    if rule.defaults:
        return _compile_builder(rule, append_unknown)
    key = (tuple(rule._trace), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]
