"""One change more to the practice's questionnaire: an overlay (as in tailoring.py) in, another out. Pure.

Nothing here says whether a change fits: tailor() does.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from practice.intake.protected import FIRST_SECTIONS, LAST_SECTION
from practice.intake.tailoring import Document, Overlay, fields_of, options_of
from practice.intake.translating import Place, english_of, place_in_words, words_of
from practice.languages import N_, OTHERS, Sentence

IN_ANOTHER = {"es": N_("in Spanish")}
WHAT = {
    "title": N_("title"),
    "intro": N_("intro"),
    "question": N_("question"),
    "hint": N_("hint"),
    "missing": N_("what is said when it is left empty"),
    "moment": N_("when it is asked"),
    "who": N_("who is asked"),
    "visibility": N_("who reads the answer"),
    "kind": N_("how it is answered"),
    "required": N_("must be answered"),
}
"""What of a question or a section changes, by the name that its data has for it."""
UP, DOWN = "up", "down"
DIRECTIONS = {UP: -1, DOWN: 1}


@dataclass(frozen=True)
class Difference:
    """One line of what changes: where, what, and the words before and after; an empty one: there was nothing.

    `what` is a key of WHAT, or marked words. `place`, `before` and `after` may be Sentences.
    """

    place: str
    what: str
    before: str
    after: str


def reword_section(base: Mapping[str, Any], overlay: Overlay, name: str, words: Mapping[str, Any]) -> Document:
    """Give a shipped section this title and intro, also in other languages; what is as shipped is no change."""
    shipped: Mapping[str, Any] = next((one for one in base["sections"] if one["id"] == name), {})
    change: dict[str, Any] = {
        key: text for key, text in words.items() if key not in OTHERS and text != shipped.get(key, "")
    }
    return _put(overlay, "sections", name, {**change, **_other_words(base, ("sections", name), change, words)})


def reword_field(base: Mapping[str, Any], overlay: Overlay, name: str, words: Mapping[str, Any]) -> Document:
    """Give a shipped question these words (question, hint, missing, options; also in other languages), and a moment; as
    shipped is no change.
    """
    shipped: Mapping[str, Any] = next((field for _, field in fields_of(base) if field["name"] == name), {})
    labels = options_of(base, shipped) if shipped else {}
    change: dict[str, Any] = {
        key: text for key, text in words.items() if key not in ("options", *OTHERS) and text != shipped.get(key, "")
    }
    if other := {code: label for code, label in words.get("options", {}).items() if label != labels.get(code)}:
        change["options"] = other
    change |= _other_words(base, ("fields", name), change, words)
    stands = overlay.get("fields", {}).get(name, {})
    return _put(overlay, "fields", name, {**change, **({"off": True} if stands.get("off") else {})})


def switch_off(overlay: Overlay, name: str) -> Document:
    """Ask a shipped question no longer; its other changes stay for when it is asked again."""
    return _put(overlay, "fields", name, {**overlay.get("fields", {}).get(name, {}), "off": True})


def switch_on(overlay: Overlay, name: str) -> Document:
    """Ask a shipped question again."""
    stands = overlay.get("fields", {}).get(name, {})
    return _put(overlay, "fields", name, {key: value for key, value in stands.items() if key != "off"})


def move_field(document: Mapping[str, Any], overlay: Overlay, name: str, direction: str) -> Document:
    """Put a question before or behind its neighbour among those that are asked at the same moment in its section."""
    for section in document["sections"]:
        fields = {field["name"]: field for field in section["fields"]}
        if name in fields:
            beside = [one for one, field in fields.items() if field["moment"] == fields[name]["moment"]]
            return _put(overlay, "order", section["id"], _moved(list(fields), beside, name, direction))
    return _copy(overlay)


def move_section(document: Mapping[str, Any], overlay: Overlay, name: str, direction: str) -> Document:
    """Put a section before or behind its neighbour; those that stand fast are no neighbours."""
    middle = [one["id"] for one in document["sections"] if one["id"] not in (*FIRST_SECTIONS, LAST_SECTION)]
    if name not in middle:
        return _copy(overlay)
    return _put(overlay, "order", "", _moved(middle, middle, name, direction))


def put_own(overlay: Overlay, name: str, entry: Mapping[str, Any]) -> Document:
    """Ask a question of the practice's own, or ask it in other words."""
    return _put(overlay, "own", name, dict(entry))


def put_instrument(overlay: Overlay, data: Mapping[str, Any]) -> Document:
    """Add an instrument, or put it in place of the one of the same id."""
    return _put(overlay, "instruments", str(data["id"]), dict(data))


def take_back(overlay: Overlay, part: str, name: str) -> Document:
    """Take one change out: a question of the practice's own or an instrument is gone, anything else is as shipped."""
    return _put(overlay, part, name, None)


def answer_code(label: str) -> str:
    """The code of an answer to a question of the practice's own. It belongs to the words: other words, another code."""
    return "a_" + hashlib.sha256(" ".join(label.split()).encode()).hexdigest()[:8]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What is otherwise in `after`, in its order; then what is gone; then what is said otherwise in other languages."""
    return [*_sections(before, after), *_fields(before, after), *_words_of_others(before, after)]


def forget_stale(document: Mapping[str, Any], place: Place, words: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, less the words in other languages that stayed as they stood while their English changed."""
    english = english_of(document)
    found = dict(words)
    for language in OTHERS:
        stands = words_of(document, language)

        def stale(place: Place, now: str, said: str, stands: Mapping[Place, str] = stands) -> bool:
            return now != english.get(place, "") and said == stands.get(place, "")

        given = words.get(language, {})
        fresh = {
            key: said
            for key, said in given.items()
            if key != "options" and not stale((*place, key), words.get(key, ""), said)
        }
        labels = {
            code: label
            for code, label in given.get("options", {}).items()
            if not stale((*place, "options", code), words.get("options", {}).get(code, ""), label)
        }
        found[language] = {**fresh, **({"options": labels} if labels else {})}
    return found


def _other_words(
    base: Mapping[str, Any], place: Place, change: Mapping[str, Any], words: Mapping[str, Any]
) -> dict[str, Any]:
    """The words in other languages that are no shipped ones, or that belong to other English."""
    found: dict[str, Any] = {}
    for language in OTHERS:
        shipped, given = words_of(base, language), words.get(language, {})
        kept: dict[str, Any] = {
            key: text
            for key, text in given.items()
            if key != "options" and text and (key in change or text != shipped.get((*place, key)))
        }
        relabelled = change.get("options", {})
        labels = {
            code: label
            for code, label in given.get("options", {}).items()
            if label and (code in relabelled or label != shipped.get((*place, "options", code)))
        }
        if labels:
            kept["options"] = labels
        if kept:
            found[language] = kept
    return found


def _sections(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    old = {one["id"]: one for one in before["sections"]}
    new = {one["id"]: one for one in after["sections"]}
    for name, section in new.items():
        if name not in old:
            yield Difference(section["title"], N_("a new section"), "", section["title"])
            continue
        for key in ("title", "intro"):
            if old[name].get(key, "") != section.get(key, ""):
                yield Difference(section["title"], key, old[name].get(key, ""), section.get(key, ""))
        if _order(old[name]["fields"], section["fields"], "name"):
            yield Difference(
                section["title"], N_("the order of its questions"), "", _titles(section["fields"], "question")
            )
    for name, section in old.items():
        if name not in new:
            yield Difference(section["title"], N_("no longer there"), section["title"], "")
    if _order(before["sections"], after["sections"], "id"):
        yield Difference(
            Sentence(N_("All sections")),
            N_("their order"),
            _titles(before["sections"], "title"),
            _titles(new.values(), "title"),
        )


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    old = {field["name"]: (section, field) for section, field in fields_of(before)}
    new = {field["name"]: (section, field) for section, field in fields_of(after)}
    for name, (section, field) in new.items():
        place = _placed(section, field)
        if name not in old:
            yield Difference(place, N_("a new question"), "", field["question"])
            continue
        was = old[name][1]
        if was.get("when") != field.get("when"):
            yield Difference(place, N_("when it is asked"), _when(before, was), _when(after, field))
        for key in ("question", "hint", "missing", "moment", "who", "visibility", "kind", "required"):
            if was.get(key, "") != field.get(key, ""):
                yield Difference(place, key, _words(was.get(key, "")), _words(field.get(key, "")))
        labels, now = options_of(before, was), options_of(after, field)
        for code in dict.fromkeys([*now, *labels]):
            if labels.get(code) != now.get(code):
                yield Difference(place, N_("an answer"), labels.get(code, ""), now.get(code, ""))
    for name, (section, field) in old.items():
        if name not in new:
            yield Difference(_placed(section, field), N_("no longer asked"), field["question"], "")


def _words_of_others(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    asked = english_of(after)
    for language in OTHERS:
        old, new = words_of(before, language), words_of(after, language)
        for place in asked:
            if old.get(place, "") != new.get(place, ""):
                where = place_in_words(after, place)
                yield Difference(where, IN_ANOTHER[language], old.get(place, ""), new.get(place, ""))


def _when(document: Mapping[str, Any], field: Mapping[str, Any]) -> str:
    """The condition of a question in words."""
    asked = {one["name"]: one for _, one in fields_of(document)}
    said = []
    for name, rule in field.get("when", {}).items():
        labels = options_of(document, asked[name])
        yes, no = (
            _joined([labels.get(code, code) for code in rule.get(key, ())], "%(before)s, %(after)s")
            for key in ("any_of", "none_of")
        )
        if yes and no:
            words = N_("only after “%(question)s” with %(yes)s and without %(no)s")
        elif yes:
            words = N_("only after “%(question)s” with %(yes)s")
        else:
            words = N_("only after “%(question)s” without %(no)s") if no else N_("only after “%(question)s”")
        said.append(Sentence(words, question=asked[name]["question"], yes=yes, no=no))
    return _joined(said) or Sentence(N_("always"))


def _joined(parts: Sequence[str], how: str = "%(before)s; %(after)s") -> str:
    return reduce(lambda before, after: Sentence(how, before=before, after=after), parts) if parts else ""


def _placed(section: Mapping[str, Any], field: Mapping[str, Any]) -> str:
    return Sentence("%(section)s: %(question)s", section=section["title"], question=field["question"])


def _words(value: object) -> str:
    if isinstance(value, bool):
        return Sentence(N_("yes") if value else N_("no"))
    return value if isinstance(value, str) else str(value)


def _order(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]], key: str) -> bool:
    old, new = [one[key] for one in before], [one[key] for one in after]
    return [one for one in old if one in new] != [one for one in new if one in old]


def _titles(entries: Iterable[Mapping[str, Any]], key: str) -> str:
    return _joined([str(one[key]) for one in entries])


def _moved(names: list[str], beside: list[str], name: str, direction: str) -> list[str]:
    at = beside.index(name) + DIRECTIONS[direction]
    if not 0 <= at < len(beside):
        return names
    rest = [one for one in names if one != name]
    rest.insert(rest.index(beside[at]) + (direction == DOWN), name)
    return rest


def _put(overlay: Overlay, part: str, name: str, change: Any) -> Document:
    found = _copy(overlay)
    entries = found.setdefault(part, {})
    if change:
        entries[name] = change
    else:
        entries.pop(name, None)
    if not entries:
        del found[part]
    return found


def _copy(overlay: Overlay) -> Document:
    return copy.deepcopy(dict(overlay))
