"""An instrument that a practice has the right to use, as data: docs/instruments.md is its format. Pure.

None ships with the program. Each becomes a section of the questionnaire, and clinicians read its score.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from practice.languages import N_, OTHERS, Sentence

PREFIX = "ins_"
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{1,19}")
ITEM_CODE = re.compile(r"[a-z0-9_]{1,12}")
POINT = re.compile(r"[0-9]{1,2}")
MOST_ITEMS, MOST_POINTS, MOST_BANDS = 100, 15, 12
METHODS = ("sum", "mean")
TOP = frozenset(
    {"id", "title", "source", "licence", "intro", "moment", "who", "visibility", "scales", "items", "scoring", *OTHERS}
)
Path = tuple[str | int, ...]


class BadInstrument(ValueError):
    """The instrument breaks the format. `path` says where, `words` what to do about it; `sentence` is both."""

    def __init__(self, path: Path, words: str, **values: object) -> None:
        self.path, self.words = path, Sentence(words, **values)
        place = _place(path)
        self.sentence = Sentence("%(place)s: %(words)s", place=place, words=self.words) if place else self.words
        super().__init__(self.sentence)


@dataclass(frozen=True)
class Item:
    """One statement. `points` are its possible answers, label by value; `reverse` counts it the other way round."""

    code: str
    question: str
    points: tuple[tuple[int, str], ...]
    reverse: bool
    required: bool


@dataclass(frozen=True)
class Instrument:
    """Statements, how they are counted, and what the sum means. `bands` are (from, label), rising."""

    id: str
    title: str
    source: str
    holder: str
    terms: str
    since: date
    intro: str
    moment: str
    who: str
    visibility: str
    items: tuple[Item, ...]
    method: str
    may_miss: int
    bands: tuple[tuple[float, str], ...]

    def field_name(self, item: Item) -> str:
        """What the item is called among the questionnaire's fields."""
        return f"{PREFIX}{self.id}_{item.code}"

    def as_section(self) -> dict[str, Any]:
        """The section that it becomes, as the questionnaire's data has sections."""
        fields = [
            {
                "name": self.field_name(item),
                "moment": self.moment,
                "kind": "radio",
                "required": item.required,
                "who": self.who,
                "visibility": self.visibility,
                "question": item.question,
                "options": {str(value): label for value, label in item.points},
            }
            for item in self.items
        ]
        section: dict[str, Any] = {"id": PREFIX + self.id, "title": self.title, "fields": fields}
        return {**section, "intro": self.intro} if self.intro else section


def read_instrument(data: object) -> Instrument:
    """The instrument that this data describes.

    :raises BadInstrument: naming the place and the rule that it breaks.
    """
    entry = _mapping(data, ())
    _only(entry, TOP, ())
    licence = _mapping(entry.get("licence"), ("licence",))
    _only(licence, {"holder", "terms", "since"}, ("licence",))
    scoring = _mapping(entry.get("scoring"), ("scoring",))
    _only(scoring, {"method", "may_miss", "bands"}, ("scoring",))
    name = _text(entry, "id", (), 20)
    if not IDENTIFIER.fullmatch(name):
        raise BadInstrument(("id",), N_("2 to 20 of a-z, 0-9 and _, and a letter first"))
    scales = {
        str(key): _points(points, ("scales", str(key)))
        for key, points in _mapping(entry.get("scales"), ("scales",)).items()
    }
    items = _items(entry.get("items"), scales)
    may_miss = scoring.get("may_miss", 0)
    if not isinstance(may_miss, int) or isinstance(may_miss, bool) or not 0 <= may_miss < len(items):
        raise BadInstrument(("scoring", "may_miss"), N_("how many items may be left empty, fewer than there are"))
    method = _one_of(scoring, "method", METHODS, ("scoring",))
    found = Instrument(
        id=name,
        title=_text(entry, "title", (), 120),
        source=_text(entry, "source", (), 400),
        holder=_text(licence, "holder", ("licence",), 200),
        terms=_text(licence, "terms", ("licence",), 600),
        since=_date(licence, "since", ("licence",)),
        intro=_text(entry, "intro", (), 1200) if "intro" in entry else "",
        moment=_one_of(entry, "moment", ("book", "session"), (), "session"),
        who=_one_of(entry, "who", ("booker", "both"), (), "both"),
        visibility=_one_of(entry, "visibility", ("own", "clin"), (), "own"),
        items=items,
        method=method,
        may_miss=may_miss,
        bands=_bands(scoring.get("bands", []), method, items),
    )
    for language in OTHERS:
        _words(entry, found, language)
    return found


def instrument_words(data: Mapping[str, Any], language: str) -> dict[tuple[str, ...], str]:
    """What its section says in another language, by the places of translating.py; empty where it comes without.

    :raises BadInstrument: as read_instrument() does.
    """
    return _words(data, read_instrument(data), language)


def _words(data: Mapping[str, Any], found: Instrument, language: str) -> dict[tuple[str, ...], str]:
    """Its words in another language: all of them or none, so that nobody is asked half of it in each."""
    if language not in data:
        return {}
    path: Path = (language,)
    entry = _mapping(data[language], path)
    _only(entry, {"title", "scales", "items", *(("intro",) if found.intro else ())}, path)
    here = ("sections", PREFIX + found.id)
    words: dict[tuple[str, ...], str] = {(*here, "title"): _text(entry, "title", path, 120)}
    if found.intro:
        words[*here, "intro"] = _text(entry, "intro", path, 1200)
    questions = _mapping(entry.get("items"), (*path, "items"))
    _only(questions, {item.code for item in found.items}, (*path, "items"))
    scales = _mapping(entry.get("scales"), (*path, "scales"))
    _only(scales, set(data["scales"]), (*path, "scales"))
    for raw, item in zip(data["items"], found.items, strict=True):
        there = ("fields", found.field_name(item))
        words[*there, "question"] = _text(questions, item.code, (*path, "items"), 400)
        labels = _mapping(scales.get(raw["scale"]), (*path, "scales", raw["scale"]))
        for value, _ in item.points:
            label = _text(labels, str(value), (*path, "scales", raw["scale"]), 200)
            words[*there, "options", str(value)] = label
    return words


def _items(data: object, scales: Mapping[str, tuple[tuple[int, str], ...]]) -> tuple[Item, ...]:
    found: list[Item] = []
    for number, raw in enumerate(_list(data, ("items",), MOST_ITEMS)):
        path: Path = ("items", number)
        entry = _mapping(raw, path)
        _only(entry, {"code", "question", "scale", "reverse", "required"}, path)
        code = _text(entry, "code", path, 12)
        if not ITEM_CODE.fullmatch(code):
            raise BadInstrument((*path, "code"), N_("1 to 12 of a-z, 0-9 and _, in quotes"))
        if code in {item.code for item in found}:
            raise BadInstrument((*path, "code"), N_("there is another item %(code)s"), code=code)
        scale = _text(entry, "scale", path, 40)
        if scale not in scales:
            raise BadInstrument((*path, "scale"), N_("there is no scale %(scale)s"), scale=scale)
        for key in ("reverse", "required"):
            if not isinstance(entry.get(key, False), bool):
                raise BadInstrument((*path, key), N_("true or false"))
        question = _text(entry, "question", path, 400)
        found.append(Item(code, question, scales[scale], entry.get("reverse", False), entry.get("required", False)))
    return tuple(found)


def _points(data: object, path: Path) -> tuple[tuple[int, str], ...]:
    entry = _mapping(data, path)
    if not 2 <= len(entry) <= MOST_POINTS:
        raise BadInstrument(path, N_("a scale has 2 to %(most)s answers"), most=MOST_POINTS)
    for code in entry:
        if not isinstance(code, str) or not POINT.fullmatch(code) or str(int(code)) != code:
            raise BadInstrument(
                (*path, str(code)), N_('each answer’s value is a whole number from 0 to 99, in quotes: "0"')
            )
    return tuple((int(code), _text(entry, code, path, 200)) for code in entry)


def _bands(data: object, method: str, items: Sequence[Item]) -> tuple[tuple[float, str], ...]:
    if data == []:
        return ()
    path: Path = ("scoring", "bands")
    low = sum(min(value for value, _ in item.points) for item in items)
    high = sum(max(value for value, _ in item.points) for item in items)
    least, most = (low, high) if method == "sum" else (low / len(items), high / len(items))
    found: list[tuple[float, str]] = []
    for number, raw in enumerate(_list(data, path, MOST_BANDS)):
        entry = _mapping(raw, (*path, number))
        _only(entry, {"from", "label"}, (*path, number))
        start = entry.get("from")
        if not isinstance(start, int | float) or isinstance(start, bool) or not start <= most:
            raise BadInstrument(
                (*path, number, "from"), N_("a number up to %(most)s, the most that can be reached"), most=f"{most:g}"
            )
        if found and start <= found[-1][0]:
            raise BadInstrument((*path, number, "from"), N_("bands rise, each from more than the one before"))
        if not found and start > least:
            raise BadInstrument(
                (*path, number, "from"),
                N_("the first band begins at %(least)s, the least, or below"),
                least=f"{least:g}",
            )
        found.append((start, _text(entry, "label", (*path, number), 200)))
    return tuple(found)


def _place(path: Path) -> str:
    """Where in a file: its own words, which are those of docs/instruments.md, and what number within a list."""
    found = ""
    for step in path:
        said = Sentence(N_("number %(number)s"), number=step + 1) if isinstance(step, int) else step
        found = Sentence("%(so_far)s %(step)s", so_far=found, step=said) if found else said
    return found


def _mapping(value: object, path: Path) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise BadInstrument(path, N_("this must be there, as names with values"))
    return value


def _list(value: object, path: Path, most: int) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise BadInstrument(path, N_("a list of 1 to %(most)s"), most=most)
    return value


def _only(entry: Mapping[Any, Any], known: frozenset[str] | set[str], path: Path) -> None:
    for key in entry:
        if key not in known:
            raise BadInstrument(
                (*path, str(key)), N_("not known here; there are %(known)s"), known=", ".join(sorted(known))
            )


def _text(entry: Mapping[Any, Any], key: str, path: Path, longest: int) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip() or not value.replace("\n", " ").isprintable():
        raise BadInstrument((*path, key), N_("it is missing, or no text (put it in quotes)"))
    if len(value) > longest:
        raise BadInstrument(
            (*path, key), N_("%(longest)s characters at most; this has %(length)s"), longest=longest, length=len(value)
        )
    return value.strip()


def _one_of(entry: Mapping[Any, Any], key: str, allowed: Sequence[str], path: Path, default: str = "") -> str:
    value = entry.get(key, default)
    if value not in allowed:
        raise BadInstrument((*path, key), N_("one of %(allowed)s"), allowed=", ".join(allowed))
    return str(value)


def _date(entry: Mapping[Any, Any], key: str, path: Path) -> date:
    try:
        return date.fromisoformat(str(entry.get(key)))
    except ValueError:
        raise BadInstrument((*path, key), N_("a date, as in 2026-03-01")) from None
