"""Reads our stylesheets, well enough to hold them against the templates: layers, selectors, declarations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2] / "practice"
STYLESHEETS = tuple(ROOT / "static" / "css" / name for name in ("practice.css", "staff.css"))
BESIDE_A_SUBJECT = re.compile(r":(?:is|not|where|has)\([^()]*\)")
ALONE = re.compile(r"[a-z]*\.([a-zA-Z][\w-]*)(?:::?[\w-]+)?")
CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
PROPERTY = re.compile(r"([\w-]+)\s*:\s*([^;]+)(?:;|$)")
# What Jinja writes may hold quotes of its own.
ATTRIBUTE = re.compile(r"""class="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)\"""", re.DOTALL)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
QUOTED = re.compile(r"""["']([\w -]+)["']""")


@dataclass(frozen=True)
class Rule:
    """One rule: the layer and the conditions that it stands under, its selectors, and its declarations."""

    layer: str
    conditions: tuple[str, ...]
    selectors: str
    declarations: tuple[tuple[str, str], ...]

    @property
    def classes(self) -> set[str]:
        return set(CLASS.findall(self.selectors))

    @property
    def defined(self) -> set[str]:
        """The classes that a selector of its own is for, wherever they stand: of `.week, .page-book .slot`, week."""
        selectors = BESIDE_A_SUBJECT.sub("", self.selectors).split(",")
        return {alone[1] for one in selectors if (alone := ALONE.fullmatch(one.strip()))}


def rules(css: str, layer: str = "", conditions: tuple[str, ...] = ()) -> Iterator[Rule]:
    """Every rule of a stylesheet, in order. What stands in no layer has the layer ""."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    at = 0
    while (opened := css.find("{", at)) >= 0:
        head = css[at:opened].rpartition(";")[2].strip()
        closed = _end(css, opened)
        body = css[opened + 1 : closed]
        if head.startswith("@layer"):
            yield from rules(body, head.removeprefix("@layer").strip(), conditions)
        elif head.startswith("@page"):
            yield Rule(layer, conditions, "", _declarations(body))
        elif head.startswith("@"):
            yield from rules(body, layer, (*conditions, head))
        else:
            yield Rule(layer, conditions, head, _declarations(body))
        at = closed + 1


def all_rules() -> list[Rule]:
    """The rules of every stylesheet of ours."""
    return [rule for sheet in STYLESHEETS for rule in rules(sheet.read_text())]


def layers_in_order() -> list[str]:
    """As practice.css declares them, the weakest first."""
    declared = re.search(r"@layer ([\w, ]+);", STYLESHEETS[0].read_text())
    assert declared
    return [name.strip() for name in declared[1].split(",")]


def tokens(*conditions: str) -> dict[str, str]:
    """The custom properties of the layer tokens that hold under these conditions alone, by name without dashes."""
    return {
        name.removeprefix("--"): value
        for rule in all_rules()
        if rule.layer == "tokens" and rule.conditions == conditions
        for name, value in rule.declarations
        if name.startswith("--")
    }


def classes_in(html: str) -> set[str]:
    """The classes of a template or a page. What an expression writes into a name is a star."""
    found: set[str] = set()
    for value in ATTRIBUTE.findall(html):
        found |= {word for written in JINJA.findall(value) for said in QUOTED.findall(written) for word in said.split()}
        plain = re.sub(r"\{%.*?%\}", " ", value, flags=re.DOTALL)
        found |= set(re.sub(r"\{\{.*?\}\}", "*", plain, flags=re.DOTALL).split())
    return found


def used_classes() -> set[str]:
    """What templates, scripts and the code that draws form fields give as classes."""
    found: set[str] = set()
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text()
        found |= classes_in(text)
        found |= {word for said in re.findall(r"block page_class %\}(.*?)\{%", text) for word in said.split()}
        # A macro may be handed a class: opening("days"), choice(class="choice-input").
        found |= {said for written in re.findall(r"\{\{.*?\}\}", text) for said in QUOTED.findall(written)}
    for script in (ROOT / "static" / "js").glob("*.js"):
        found |= {word for said in re.findall(r'className = "([^"]*)"', script.read_text()) for word in said.split()}
    return found


def _end(css: str, opened: int) -> int:
    depth = 0
    for at in range(opened, len(css)):
        depth += {"{": 1, "}": -1}.get(css[at], 0)
        if depth == 0:
            return at
    raise ValueError("a brace is not closed")


def _declarations(body: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, " ".join(value.split())) for name, value in PROPERTY.findall(body))
