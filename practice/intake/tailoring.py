"""The practice's own questionnaire: the shipped one plus its changes. Pure.

The changes are an overlay by name, not a copy, so that a better shipped questionnaire reaches a practice too:

    sections      {id: {title, intro}}: other words; an empty intro is none
    fields        {name: {question, hint, missing, options: {code: label}, moment, off: true}}
    order         {"": [section ids], section id: [names]}; what isn't named stays behind what it follows
    own           {name: {section, and what a field has}}: the practice's questions; names begin with practice_
    instruments   {id: an instrument as in docs/instruments.md}; each becomes a section

Words in another language stand beside the English ones, in an `es` of the same change (translating.py).

Kinds and codes of shipped questions don't change, and what the program builds on (intake/protected.py) is always asked.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from practice.intake.instruments import PREFIX, BadInstrument, read_instrument
from practice.intake.own_questions import OWN_PREFIX, add_own
from practice.intake.parsing import BadQuestionnaire, parse
from practice.intake.protected import CLOSED_SECTIONS, FIRST_SECTIONS, LAST_SECTION, Protection, moments_of, protection
from practice.intake.translating import OF_SECTION, add_words, wrong_words
from practice.intake.wording import LONGEST_LABEL, MAY_BE_EMPTY, WORDS, Problem, wrong_text
from practice.languages import N_, OTHERS, Sentence

Document = dict[str, Any]
Overlay = Mapping[str, Any]

PARTS = ("sections", "fields", "order", "own", "instruments")
NOT_ASKED = N_("“%(here)s” builds on the question %(there)s, which isn’t asked. Switch %(there)s on, or this one off.")
STANDS_LATER = N_("“%(here)s” builds on “%(there)s”, which must stand before it.")
ASKED_LATER = N_("“%(here)s” builds on “%(there)s”, which is asked only later. Move that one too.")
ASKED_OF_ONE = N_(
    "“%(here)s” builds on “%(there)s”, which only the person who books is asked. Ask this one of them too."
)
READ_BY_FEWER = N_(
    "“%(here)s” builds on “%(there)s”, whose answer fewer people read. Let no more of them read this one."
)
RANK = {"book": 0, "pay": 1, "invite": 1, "session": 2}


@dataclass(frozen=True)
class Tailored:
    """The questionnaire with the changes that fit, and what doesn't fit. Only without problems is it to be used."""

    document: Document
    problems: tuple[Problem, ...]

    @property
    def fits(self) -> bool:
        """Whether every change fits."""
        return not self.problems


def tailor(base: Mapping[str, Any], overlay: Overlay, version: str) -> Tailored:
    """The shipped questionnaire `base` with a practice's changes. `version` is what the result is called."""
    document: Document = copy.deepcopy(dict(base))
    problems = list(_shape(overlay))
    if problems:
        return Tailored({**document, "version": version}, tuple(problems))
    document["version"] = version
    homes = {field["name"]: section["id"] for section in base["sections"] for field in section["fields"]}
    problems += _reword_sections(document, overlay.get("sections", {}))
    problems += _change_fields(document, overlay.get("fields", {}), homes)
    problems += add_own(document, overlay.get("own", {}))
    problems += _add_instruments(document, overlay.get("instruments", {}))
    _switch_off(document, overlay.get("fields", {}), homes)
    problems += _arrange(document, overlay.get("order", {}))
    problems += _check_conditions(document)
    add_words(document, base, overlay)
    if not problems:
        try:
            parse(document)
        except BadQuestionnaire as refusal:
            problems.append(Problem("", "", f"{str(refusal)[:1].upper()}{str(refusal)[1:]}."))
    return Tailored(
        document if _parses(document) else {**copy.deepcopy(dict(base)), "version": version},
        tuple(dict.fromkeys(problems)),
    )


def arrange(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """`names` in the `wanted` order. One that isn't wanted anywhere stays behind the one that it follows."""
    found = [name for name in dict.fromkeys(wanted) if name in names]
    for place, name in enumerate(names):
        if name not in found:
            found.insert(found.index(names[place - 1]) + 1 if place else 0, name)
    return found


def options_of(document: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, str]:
    """The answers of a field of this document, label by code."""
    if "scale" in entry:
        return dict(document["scales"][entry["scale"]])
    return dict(entry.get("options", {}))


def fields_of(document: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every section and field, in the order of asking."""
    for section in document["sections"]:
        for field in section["fields"]:
            yield section, field


def _problem(part: str, name: str, words: str, key: str = "", /, **values: object) -> Problem:
    return Problem(part, name, Sentence(words, **values), key)


def _shape(overlay: Overlay) -> Iterator[Problem]:
    for part, entries in overlay.items():
        if part not in PARTS or not isinstance(entries, Mapping):
            yield _problem(str(part), "", N_("There is no kind of change called %(kind)s."), kind=str(part))
            continue
        kind: Any = (list, tuple) if part == "order" else Mapping
        for name, entry in entries.items():
            if not isinstance(name, str) or not isinstance(entry, kind):
                yield _problem(part, str(name), N_("This change can’t be read. Take it back."))


def _reword_sections(document: Document, changes: Mapping[str, Any]) -> Iterator[Problem]:
    sections = {section["id"]: section for section in document["sections"]}
    for name, change in changes.items():
        if name not in sections:
            yield _problem(
                "sections", name, N_("There is no section %(name)s any more. Take this change back."), name=name
            )
            continue
        for key, text in change.items():
            if key in OTHERS:
                yield from wrong_words("sections", name, key, text, {})
            elif key not in OF_SECTION:
                yield _problem("sections", name, N_("%(part)s of a section can’t be changed."), key, part=str(key))
            elif wrong := wrong_text(text, WORDS[key], empty=key in MAY_BE_EMPTY):
                yield Problem("sections", name, wrong, key)
            else:
                _write(sections[name], key, text)


def _write(entry: dict[str, Any], key: str, text: str) -> None:
    if text.strip():
        entry[key] = text
    else:
        entry.pop(key, None)


def _change_fields(document: Document, changes: Mapping[str, Any], homes: Mapping[str, str]) -> Iterator[Problem]:
    entries = {field["name"]: field for _, field in fields_of(document)}
    for name, change in changes.items():
        if name not in homes:
            yield _problem(
                "fields", name, N_("The question %(name)s isn’t asked any more. Take this change back."), name=name
            )
            continue
        for key, value in change.items():
            if key == "options":
                yield from _relabel(document, entries[name], value)
            elif key in OTHERS:
                yield from wrong_words("fields", name, key, value, options_of(document, entries[name]))
            elif wrong := _change_field(entries[name], homes[name], key, value):
                yield Problem("fields", name, wrong, key)


def _change_field(entry: dict[str, Any], section: str, key: str, value: Any) -> str:
    """Change one thing about a shipped question, or say why not."""
    stands = protection(entry["name"], section)
    if key == "off":
        if value is True and stands is None:
            return ""
        return _because(N_("It is always asked."), N_("It is always asked. %(reason)s"), stands)
    if key == "moment":
        if value not in moments_of(entry["name"], section, entry["moment"]):
            return _because(N_("It can’t be asked then."), N_("It can’t be asked then. %(reason)s"), stands)
        entry["moment"] = value
        return ""
    if key not in ("question", "hint", "missing"):
        return Sentence(N_("%(part)s of a question that we ship can’t be changed."), part=key)
    wrong = wrong_text(value, WORDS[key], empty=key in MAY_BE_EMPTY)
    if not wrong:
        _write(entry, key, value)
    return wrong


def _because(bare: str, with_reason: str, stands: Protection | None) -> str:
    return Sentence(bare) if stands is None else Sentence(with_reason, reason=Sentence(stands.reason))


def _relabel(document: Document, entry: dict[str, Any], labels: object) -> Iterator[Problem]:
    name, known = entry["name"], options_of(document, entry)
    if not isinstance(labels, Mapping):
        yield _problem("fields", name, N_("These answers can’t be read. Take this change back."), "options")
        return
    for code, label in labels.items():
        if code not in known:
            gone = N_("The answer %(code)s isn’t offered any more. Take this change back.")
            yield _problem("fields", name, gone, "options", code=str(code))
        elif wrong := wrong_text(label, LONGEST_LABEL, empty=False):
            yield Problem("fields", name, wrong, f"option_{code}")
        else:
            known[code] = label
    if len(set(known.values())) != len(known):
        yield _problem("fields", name, N_("Two answers have the same words."), "options")
    entry.pop("scale", None)
    if known:
        entry["options"] = known


def _add_instruments(document: Document, instruments: Mapping[str, Any]) -> Iterator[Problem]:
    kept = []
    for name, data in instruments.items():
        try:
            found = read_instrument(data)
        except BadInstrument as refusal:
            yield _problem("instruments", name, N_("%(why)s. Take it out, or add it anew."), why=refusal.sentence)
            continue
        if found.id != name:
            yield _problem(
                "instruments", name, N_("It calls itself %(name)s. Take it out, and add it anew."), name=found.id
            )
            continue
        if any(one["id"] == PREFIX + name for one in document["sections"]):
            words = N_("We have a section %(name)s ourselves by now. Take this one out.")
            yield _problem("instruments", name, words, name=f"{PREFIX}{name}")
            continue
        last = next((at for at, one in enumerate(document["sections"]) if one["id"] == LAST_SECTION), None)
        document["sections"].insert(len(document["sections"]) if last is None else last, found.as_section())
        kept.append(data)
    if kept:
        document["instruments"] = kept


def _switch_off(document: Document, changes: Mapping[str, Any], homes: Mapping[str, str]) -> None:
    off = {
        name
        for name, change in changes.items()
        if change.get("off") is True and name in homes and protection(name, homes[name]) is None
    }
    for section in document["sections"]:
        section["fields"] = [field for field in section["fields"] if field["name"] not in off]
    document["sections"] = [section for section in document["sections"] if section["fields"]]


def _arrange(document: Document, order: Mapping[str, Any]) -> Iterator[Problem]:
    sections = {section["id"]: section for section in document["sections"]}
    for name, wanted in order.items():
        if name in CLOSED_SECTIONS:
            yield _problem("order", name, N_("The order of this section is the same for everybody."))
        elif name in sections:
            fields = {field["name"]: field for field in sections[name]["fields"]}
            sections[name]["fields"] = [fields[one] for one in arrange(list(fields), _names(wanted))]
    wanted = _names(order.get("", ()))
    if {*FIRST_SECTIONS, LAST_SECTION} & set(wanted):
        yield _problem("order", "", N_("The first two sections and “Just for you” stay where they are."))
    middle = [one for one in sections if one not in (*FIRST_SECTIONS, LAST_SECTION)]
    ordered = [*FIRST_SECTIONS, *arrange(middle, wanted), LAST_SECTION]
    document["sections"] = [sections[one] for one in ordered if one in sections]


def _names(wanted: Sequence[Any]) -> list[str]:
    return [name for name in wanted if isinstance(name, str)]


def _check_conditions(document: Document) -> Iterator[Problem]:
    """Whatever a question builds on is asked before it, at the same moment or an earlier one, of everybody."""
    everything = {field["name"]: field for _, field in fields_of(document)}
    earlier: dict[str, dict[str, Any]] = {}
    for _, field in fields_of(document):
        when = field.get("when", {})
        needed = [*(when if isinstance(when, Mapping) else ()), *filter(None, [field.get("options_from")])]
        part = "own" if field["name"].startswith(OWN_PREFIX) else "fields"
        for name in needed:
            if name not in everything:
                yield _builds_on(part, field, NOT_ASKED, "when", name)
                continue
            there = everything[name]["question"]
            if name not in earlier:
                yield _builds_on(part, field, STANDS_LATER, "when", there)
            elif RANK[earlier[name]["moment"]] > RANK[field["moment"]]:
                yield _builds_on(part, field, ASKED_LATER, "moment", there)
            elif earlier[name]["who"] == "booker" and field["who"] == "both":
                yield _builds_on(part, field, ASKED_OF_ONE, "who", there)
            elif part == "own" and _readers(field) > _readers(earlier[name]):
                yield _builds_on(part, field, READ_BY_FEWER, "visibility", there)
        earlier[field["name"]] = field


def _builds_on(part: str, field: Mapping[str, Any], words: str, key: str, there: str) -> Problem:
    return _problem(part, field["name"], words, key, here=field["question"], there=there)


def _readers(field: Mapping[str, Any]) -> int:
    """How many see that a question was asked, in steps: clinicians alone, its author too, the front desk too."""
    if field["visibility"] == "clin" or field.get("private"):
        return 0
    return 2 if field["visibility"] == "admin" else 1


def _parses(document: Document) -> bool:
    try:
        parse(document)
    except BadQuestionnaire:
        return False
    return True
