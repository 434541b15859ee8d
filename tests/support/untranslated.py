"""Words of pages that no catalogue can reach: text that stands in a template or in code without its mark."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"[A-Z][^\W\d_]*[’']?[^\W\d_]*,? .*[^\W\d_]{2,}", re.DOTALL)
SAID = {"alt", "aria-label", "aria-description", "placeholder", "title"}
UNSAID = {"script", "style", "svg", "code"}
MARKS = {"_", "_l", "N_", "NN_", "gettext", "ngettext", "pgettext", "lazy_gettext", "npgettext"}
HOLE = "\x00"  # stands where a template says something else than its own text


def in_template(source: str) -> list[str]:
    """The pieces of text in a template that stand outside every mark, in order."""
    environment = Environment(extensions=["jinja2.ext.i18n"])
    reader = _Reader()
    markup = _markup(environment.lex(_without_marked_blocks(source)))
    reader.feed(re.sub(f"(<[a-z][a-z0-9]*){HOLE}", r"\1", markup))  # an attribute, where a macro writes it
    reader.close()
    return [*reader.found, *_constants(environment.parse(source))]


def in_code(source: str) -> list[str]:
    """Sentences in Python code that stand outside every mark. A message for developers begins with a small letter."""
    tree = ast.parse(source)
    passed = {id(part) for node in ast.walk(tree) for part in _not_shown(node)}
    return [
        f"{node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SENTENCE.match(node.value)
        and id(node) not in passed
    ]


def _not_shown(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value  # a docstring
    if isinstance(node, ast.Call) and getattr(node.func, "id", None) in MARKS:
        yield from ast.walk(node)


def _without_marked_blocks(source: str) -> str:
    source = re.sub(r"\{% block page_class %\}.*?\{% endblock %\}", "", source)
    return re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", HOLE, source, flags=re.DOTALL)


def _markup(tokens: Iterator[tuple[int, str, str]]) -> str:
    parts = []
    for _, kind, text in tokens:
        if kind == "data":
            parts.append(text)
        elif kind in {"variable_begin", "block_begin"}:
            parts.append(HOLE if kind == "variable_begin" else "")
    return "".join(parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in UNSAID
        for name, value in attrs:
            if name in SAID and value:
                self._look(value)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in UNSAID

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._look(data)

    def _look(self, text: str) -> None:
        said = " ".join(text.replace(HOLE, " ").split())
        if WORD.search(said):
            self.found.append(said)


def _constants(tree: nodes.Template) -> Iterator[str]:
    marked = {id(part) for call in tree.find_all(nodes.Call) if _marks(call) for part in call.find_all(nodes.Const)}
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, str) and id(constant) not in marked and _is_said(constant.value):
            yield constant.value


def _marks(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in MARKS


def _is_said(text: str) -> bool:
    return bool(SENTENCE.match(text) or re.fullmatch(r"[a-z’]+( [a-z’]+){2,}[.:,]?", text))


def main(paths: list[str]) -> None:
    """Print what is unmarked in these files and folders."""
    for path in paths:
        files = [Path(path)] if Path(path).is_file() else sorted(Path(path).rglob("*"))
        for file in files:
            if file.suffix in {".html", ".py"}:
                look = in_template if file.suffix == ".html" else in_code
                for said in look(file.read_text()):
                    print(f"{file}: {said}")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
