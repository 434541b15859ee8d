"""The design holds what docs/design.md says: layers, named colours, contrast, and nothing that no page uses."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from practice.design import samples
from practice.numbers.drawing import PAPERS
from tests.support import stylesheets
from tests.support.stylesheets import Rule, all_rules, tokens

DOC = (Path(__file__).parents[2] / "docs" / "design.md").read_text()
DARK = "@media (prefers-color-scheme: dark)"
PRINT = "@media print"
ENOUGH_FOR_TEXT, ENOUGH_FOR_SHAPES = 4.5, 3.0
GROUNDS = ("paper", "sheet", "shade", "clay-wash", "amber-wash", "calm-wash")
TEXT = [
    *product(("ink", "soft", "teal", "teal-deep"), GROUNDS),
    *product(("clay",), ("paper", "sheet", "clay-wash")),
    *product(("on-teal",), ("teal", "teal-deep")),
]
SHAPES = [*product(("edge", "teal", "clay"), ("paper", "sheet", "shade")), *product(("clay",), GROUNDS)]
RAW = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\("
    r"|\b(?:white|black|red|green|blue|gray|grey|silver|yellow|orange|brown|navy|teal|maroon)\b"
)
VARIABLE = re.compile(r"var\(--([\w-]+)")


def colours(scheme: str) -> dict[str, str]:
    return {**tokens(), **({DARK: tokens(DARK), PRINT: tokens(PRINT)}.get(scheme, {}))}


def luminance(colour: str) -> float:
    """Of `#rgb` or `#rrggbb`, as WCAG 2 defines it."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def raw_colours(rules: list[Rule]) -> list[str]:
    """Declarations outside of the layer tokens that name a colour of their own."""
    return [
        f"{rule.selectors} {{ {name}: {value} }}"
        for rule in rules
        if rule.layer != "tokens"
        for name, value in rule.declarations
        if RAW.search(VARIABLE.sub("", value))
    ]


def unused(classes: set[str], used: set[str]) -> set[str]:
    """Those of `classes` that `used`, with stars for what an expression writes, doesn't have."""
    patterns = [re.compile(re.escape(one).replace(r"\*", r"[\w-]+")) for one in used if one.strip("*")]
    return {one for one in classes if not any(pattern.fullmatch(one) for pattern in patterns)}


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", DARK, PRINT])
def test_every_pair_of_the_design_can_be_read(scheme: str) -> None:
    named = colours(scheme)
    weak = [
        f"{one} on {ground}: {found:.2f}, not {least}"
        for pairs, least in ((TEXT, ENOUGH_FOR_TEXT), (SHAPES, ENOUGH_FOR_SHAPES))
        for one, ground in pairs
        if (found := contrast(named[one], named[ground])) < least
    ]

    assert weak == []


def test_the_dark_scheme_names_each_colour_anew() -> None:
    light = {name for name, value in tokens().items() if value.startswith("#")}

    assert set(tokens(DARK)) == light
    assert set(tokens(PRINT)) == light


def forcing(rules: list[Rule]) -> list[str]:
    """Rules that win by an id or by !important, and not by their layer."""
    return [
        rule.selectors
        for rule in rules
        if re.search(r"#\w", rule.selectors) or any("!important" in value for _, value in rule.declarations)
    ]


def test_a_rule_wins_by_its_layer_alone_but_for_what_is_hidden() -> None:
    assert forcing(all_rules()) == ["[hidden]"]


def test_an_id_and_a_word_of_force_would_be_found() -> None:
    sheet = "@layer base { #one code { gap: 0; } .two { gap: 0 !important; } .three { gap: 0; } }"

    assert forcing(list(stylesheets.rules(sheet))) == ["#one code", ".two"]


def test_a_specimen_in_focus_looks_as_what_has_the_focus() -> None:
    for conditions in ((), ("@media (forced-colors: active)",)):
        shown, real = (
            {
                (rule.layer, rule.declarations)
                for rule in all_rules()
                if rule.selectors.startswith(name) and rule.conditions == conditions
            }
            for name in (".is-focused", ":focus-visible, ")
        )

        assert len(shown) == 1
        assert shown == real


def test_every_rule_stands_in_a_layer_that_has_its_place() -> None:
    declared = stylesheets.layers_in_order()

    assert {rule.layer for rule in all_rules()} == set(declared)
    assert re.findall(r"^\| `(\w+)` \|", DOC, re.MULTILINE) == declared


def test_colours_are_named_in_the_layer_tokens_and_nowhere_else() -> None:
    assert raw_colours(all_rules()) == []


@pytest.mark.parametrize("value", ["#fff", "1px solid rgb(0 0 0)", "white", "0 0 4px hsla(0, 0%, 0%, 0.5)"])
def test_a_raw_colour_would_be_found(value: str) -> None:
    assert raw_colours(list(stylesheets.rules(f"@layer base {{ a {{ color: {value}; }} }}")))


def test_every_custom_property_that_is_used_is_named_and_the_other_way_round() -> None:
    named = set(tokens())
    used = {name for rule in all_rules() for _, value in rule.declarations for name in VARIABLE.findall(value)}

    assert used == named


def test_every_class_of_the_stylesheets_is_used_by_a_page() -> None:
    styled = {one for rule in all_rules() for one in rule.classes}

    assert unused(styled, stylesheets.used_classes()) == set()


def test_a_class_that_no_page_uses_would_be_found() -> None:
    rules = stylesheets.rules("@layer base { .button, .nobody-wears-this:hover > a { color: inherit; } }")
    styled = {one for rule in rules for one in rule.classes}

    assert unused(styled, stylesheets.used_classes()) == {"nobody-wears-this"}


def defined_in(css: str) -> set[str]:
    """The classes that a stylesheet gives a look; what it changes for paper or for some readers gives none."""
    given = (rule for rule in stylesheets.rules(css) if rule.layer not in {"preferences", "print"})
    return {one for rule in given for one in rule.defined}


def test_no_class_has_its_look_from_both_stylesheets() -> None:
    """The desk loads both: of two classes of one name each would wear the other's look as well."""
    everybodys, desks = (defined_in(sheet.read_text()) for sheet in stylesheets.STYLESHEETS)

    assert everybodys & desks == set()


def test_a_class_of_both_stylesheets_would_be_found() -> None:
    sheet = "@layer pages { p.week, .page-book .slot { gap: 0; } .seven:is(a, b):hover, .eight::before { gap: 0; } }"

    assert defined_in(sheet) == {"week", "seven", "eight"}


def test_the_page_of_the_design_shows_every_colour_and_size() -> None:
    of_colours = {name for name, value in tokens().items() if value.startswith("#")}
    of_text = {name for name in tokens() if name.startswith("text")}
    of_space = {name for name in tokens() if name.startswith("space-")} | {"gap", "far"}

    assert set(samples.COLOURS) == of_colours
    assert set(samples.SIZES) == of_text
    assert set(samples.SPACES) == of_space


def test_browsers_and_plots_have_the_colours_of_the_paper() -> None:
    base = (stylesheets.ROOT / "templates" / "base.html").read_text()
    told = dict(re.findall(r'name="theme-color" content="(#\w+)" media="\(prefers-color-scheme: (\w+)\)"', base))

    assert {scheme: colour for colour, scheme in told.items()} == {
        "light": colours("light")["paper"],
        "dark": colours(DARK)["paper"],
    }
    for name, scheme in (("light", "light"), ("dark", DARK)):
        paper, named = PAPERS[name], colours(scheme)
        assert (paper.ground, paper.ink, paper.soft, paper.rule) == tuple(
            named[one] for one in ("sheet", "ink", "soft", "rule")
        )
