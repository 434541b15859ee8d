"""Every test makes an app of its own; what is the same in all of them is compiled once in a run.

What is shared holds nothing of a test: the code of templates, by their name and source; what is parsed of an address,
by its words; and SQL by the statement, without the values that it is run with. tests/db/test_sharing.py shows that two
apps which share all that have nothing else in common.
"""

from __future__ import annotations

from types import CodeType
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

STATEMENTS_KEPT = 5_000  # ten times what an engine keeps for itself

parse_alone = Rule.compile
_make_engine = SQLAlchemy._make_engine
_rules: dict[tuple[Any, ...], dict[str, Any]] = {}
_statements: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = {}


class CompiledTemplates(BytecodeCache):
    """Templates by their name and source: one that a test changes is another."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from this very source."""
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.kept[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = CompiledTemplates()


def share(app: Flask) -> Flask:
    """Have this app take its templates from those that an app before it has compiled."""
    app.jinja_env.bytecode_cache = TEMPLATES
    return app


def share_addresses() -> None:
    """Have each address parsed once: what comes of it depends on its words and on how the map reads them."""
    Rule.compile = _compile_once  # type: ignore[method-assign]


def _compile_once(rule: Rule) -> None:
    if rule.defaults or rule.map.host_matching:
        parse_alone(rule)
        return
    key = (rule.rule, rule.subdomain, rule.merge_slashes, tuple(rule.map.converters.items()))
    if key not in _rules:
        parse_alone(rule)
        _rules[key] = {
            "_parts": rule._parts,
            "_trace": rule._trace,
            "_converters": rule._converters,
            "arguments": rule.arguments,
            "builders": (rule._build.__func__, rule._build_unknown.__func__),  # type: ignore[attr-defined]
        }
    parsed = dict(_rules[key])
    known, unknown = parsed.pop("builders")
    vars(rule).update(parsed, _build=known.__get__(rule), _build_unknown=unknown.__get__(rule))


def share_statements() -> None:
    """Have each statement compiled once for a kind of database, whichever app it is that runs it."""
    SQLAlchemy._make_engine = _make_sharing_engine  # type: ignore[method-assign]


def _make_sharing_engine(extension: SQLAlchemy, *described: Any) -> Engine:
    engine = _make_engine(extension, *described)
    if engine.url.drivername in _statements:
        _take_over(engine)
    else:
        # Not before the dialect knows its server, and by then another engine's may be the one that all share.
        event.listen(engine.pool, "connect", lambda *_: _hand_on(engine), once=True)
    return engine


def _hand_on(engine: Engine) -> None:
    engine._compiled_cache = LRUCache(STATEMENTS_KEPT)
    _statements.setdefault(engine.url.drivername, (engine.dialect, engine._compiled_cache))


def _take_over(engine: Engine) -> None:
    engine.dialect, engine._compiled_cache = _statements[engine.url.drivername]
    engine.pool._dialect = engine.dialect
