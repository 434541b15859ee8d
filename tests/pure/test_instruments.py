"""An instrument's file: what it may hold, what is said when it is wrong, and what answers add up to."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.intake.documents import shipped_data
from practice.intake.instrument_files import load_instrument
from practice.intake.instruments import BadInstrument, read_instrument
from practice.intake.parsing import parse
from practice.intake.scoring import score
from practice.intake.tailoring import tailor

EXAMPLE = (Path(__file__).parents[2] / "docs" / "examples" / "instrument.yaml").read_text(encoding="utf-8")
SIGNS = read_instrument(load_instrument(EXAMPLE))
PREFIX = "ins_small_signs_"


def counted(**said: str):
    return score(SIGNS, {PREFIX + name: value for name, value in said.items()})


def test_the_example_in_the_docs_is_one():
    assert (SIGNS.title, SIGNS.since.isoformat(), len(SIGNS.items)) == ("Small signs of trust", "2026-03-01", 4)
    found = tailor(shipped_data(), {"instruments": {"small_signs": load_instrument(EXAMPLE)}}, "1.p1")
    assert found.fits
    section = parse(found.document).sections[-2]
    assert [field.name for field in section.fields] == [PREFIX + code for code in ("kept", "asked", "guessed", "heard")]
    assert {field.kind for field in section.fields} == {"radio"}


@pytest.mark.parametrize(
    ("said", "value", "band"),
    [
        ({"kept": "3", "asked": "3", "guessed": "0", "heard": "3"}, 12, "Many signs"),
        ({"kept": "0", "asked": "0", "guessed": "3", "heard": "0"}, 0, "Few signs"),
        ({"kept": "1", "asked": "1", "guessed": "2", "heard": "2"}, 5, "Some signs"),
        ({"kept": "1", "asked": "1", "guessed": "2", "heard": "1"}, 4, "Few signs"),
        ({"kept": "2", "asked": "", "guessed": "1", "heard": "3"}, Fraction(28, 3), "Many signs"),  # one is borne
        ({"kept": "2", "asked": "", "guessed": "", "heard": "3"}, None, ""),
        ({"kept": "", "asked": "", "guessed": "", "heard": ""}, None, ""),
        ({"kept": "9", "asked": "2", "guessed": "1", "heard": "2"}, 8, "Some signs"),  # no point of its scale
    ],
)
def test_answers_add_up(said, value, band):
    found = counted(**said)
    assert (found.value, found.band) == (value, band)


def test_what_was_not_asked_has_no_score():
    assert counted() is None


def test_a_score_is_said_with_two_decimals_at_most():
    assert counted(kept="2", asked="", guessed="1", heard="3").said == "9.33"
    assert counted(kept="3", asked="3", guessed="0", heard="3").said == "12"
    assert counted(kept="2", asked="", guessed="", heard="").said == ""


@given(st.lists(st.sampled_from(["", "0", "1", "2", "3"]), min_size=4, max_size=4))
def test_a_score_stays_between_the_least_and_the_most_and_reversing_mirrors_it(said):
    names = ("kept", "asked", "guessed", "heard")
    found = counted(**dict(zip(names, said, strict=True)))
    if found.value is None:
        assert said.count("") > 1
        return
    assert 0 <= found.value <= 12
    assert found.band
    mirrored = counted(**{name: str(3 - int(one)) if one else "" for name, one in zip(names, said, strict=True)})
    assert found.value + mirrored.value == 12


def test_a_mean_is_that_of_the_answers_that_were_given():
    mean = read_instrument(
        load_instrument(
            EXAMPLE.replace("method: sum", "method: mean")
            .replace("from: 9", "from: 2.5")
            .replace("from: 5", "from: 1.5")
        )
    )
    found = score(mean, {PREFIX + "kept": "2", PREFIX + "asked": "", PREFIX + "guessed": "2", PREFIX + "heard": "2"})
    assert (found.value, found.band) == (Fraction(5, 3), "Some signs")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('  holder: "The authors of this program"\n', "", "licence holder: it is missing"),
        ("since: 2026-03-01", "since: lately", "licence since: a date, as in 2026-03-01 (line 8)"),
        ("id: small_signs", "id: Small Signs", "id: 2 to 20 of a-z"),
        ("scale: agree, required", "scale: other, required", "items number 4 scale: there is no scale other (line 22)"),
        ("code: asked", "code: kept", "items number 2 code: there is another item kept (line 20)"),
        ('"0": "Never"', '0: "Never"', "whole number from 0 to 99, in quotes"),
        ("may_miss: 1", "may_miss: 4", "fewer than there are"),
        ("may_miss: 1", "may_miss: true", "fewer than there are"),
        ("from: 9", "from: 13", "a number up to 12"),
        ("from: 5", "from: 0", "bands rise"),
        ("from: 0,", "from: 1,", "the first band begins at 0"),
        ("method: sum", "method: best", "one of sum, mean"),
        ("moment: session", "moment: pay", "one of book, session"),
        ("who: both", "whom: both", "whom: not known here"),
        ("who: both", "who: &all both", "has an alias"),
        ("who: both", "who: !!python/name:os.system both", "has a tag"),
        ("who: both", "who: both\nwho: both", "says who a second time"),
        ('intro: "', 'intro: "\\u202e\\x07', "no text"),
        ("id: small_signs", "id: [[[[[[[[[[[[1]]]]]]]]]]]]", "goes too deep"),
        ("id: small_signs", "id: {", "is no YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_its_line(old, new, words):
    assert old in EXAMPLE
    with pytest.raises(BadInstrument) as refused:
        load_instrument(EXAMPLE.replace(old, new, 1))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "just words", "- a\n- b", "a: 2026-99-99", "x" * 70_000, "a: " + "[0," * 3000, "\x00"]
)
def test_whatever_is_no_instrument_is_refused_kindly(text):
    with pytest.raises(BadInstrument):
        load_instrument(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "title", "licence", "items", "scales", "scoring", "x"]), inner, max_size=4
            )
        ),
    )
)
def test_any_data_is_read_or_refused(data):
    with contextlib.suppress(BadInstrument):
        read_instrument(data)
