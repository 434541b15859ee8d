"""What of a record is left out before it is handed over: which texts to look at, what is marked in them. Pure.

A passage is marked with [[ before and ]] after it; whatever stands outside of the marks must be what was written. A
text is known by what it says and where it stands: words that changed meanwhile are another text, at which nobody has
looked.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from practice.languages import N_, Sentence

OPENS, CLOSES = "[[", "]]"
LEFT_OUT = N_("[left out]")
KEY_LENGTH = 24  # hex digits
PAGE_ITEMS, PAGE_CHARACTERS = 8, 20_000  # at most, on one page of a review: a form may not be larger than we take
TELLING = ("flag_decisions", "diagnoses")  # which flag it was, say, is told by everything that stands beside it
CODES_OF = {"answer": ("codes",), "before_answer": ("before_codes",)}
SHOWN = 20  # characters by which a place in a text is named

Record = dict[str, Any]
Free = Collection[tuple[str, str]]
"""Which answers are in free words: the reference of the intake (or the day of a short page), and the field."""


class Choice(StrEnum):
    """What becomes of a text."""

    KEEP = "keep"
    PASSAGES = "passages"
    LEAVE = "leave"


class Unfit(ValueError):
    """Marks that don't belong together, or words that aren't those that were written. Its sentence says which."""

    def __init__(self, message: str, **values: str) -> None:
        self.sentence = Sentence(message, **values)
        super().__init__(self.sentence)


@dataclass(frozen=True)
class Item:
    """One text to look at. `what` it is called; `row` leads to the part of the record that holds it under `name`.

    `by_staff`: somebody of the practice wrote it, so somebody must look at it; what people wrote themselves is kept
    until somebody says otherwise. `place` stays the same where other words come to stand there.
    """

    key: str
    what: str
    text: str
    row: tuple[str | int, ...]
    name: str
    by_staff: bool
    place: str


@dataclass(frozen=True)
class Looked:
    """What somebody decided of a text. `marked` is it with marks, where passages go; `place`: where the text stands."""

    choice: Choice
    marked: str = ""
    place: str = ""

    @classmethod
    def as_kept(cls, kept: Mapping[str, str]) -> Looked:
        """What to_keep() made."""
        return cls(Choice(kept["choice"]), kept["marked"], kept["place"])

    def to_keep(self) -> dict[str, str]:
        """It as plain words."""
        return {"choice": self.choice.value, "marked": self.marked, "place": self.place}


@dataclass(frozen=True)
class Redacted:
    """A record as it would be handed over, from how many texts something is missing, and what nobody has looked at."""

    record: Record
    left_out: int
    unseen: tuple[Item, ...]

    @property
    def mark(self) -> str:
        """Tells whether it still says the same; when it was made doesn't matter."""
        said = {name: value for name, value in self.record.items() if name != "made_at"}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def find_items(record: Record, free: Free) -> list[Item]:
    """Every text of a whole record to look at: first what staff wrote, then what its person did.

    They are the same whatever language the record's own words are in.
    """
    found, seen = [], Counter[str]()
    for what, row, name, by_staff, context in (*_by_staff(record), *_by_themselves(record, free)):
        text = _written(_at(record, row), name)
        if not text:
            continue
        place, said = json.dumps([row[0], context, name]), json.dumps([row[0], context, text])
        seen[said] += 1
        key = _short(f"{seen[said]}|{said}")
        found.append(Item(key, what, as_lines(text), row, name, by_staff, _short(place)))
    return found


def in_pages(items: Sequence[Item]) -> list[tuple[Item, ...]]:
    """The texts, in pages that can be sent; at least one page."""
    pages: list[tuple[Item, ...]] = [()]
    for item in items:
        size = sum(len(one.text) for one in pages[-1])
        if len(pages[-1]) == PAGE_ITEMS or (pages[-1] and size + len(item.text) > PAGE_CHARACTERS):
            pages.append(())
        pages[-1] += (item,)
    return pages


def redact(record: Record, items: Sequence[Item], looked: Mapping[str, Looked], instead: str = LEFT_OUT) -> Redacted:
    """The record with what was left out replaced by `instead`, and without what tells by being there at all.

    Words that came to stand where something was left out are looked at anew.

    :raises Unfit: when marks were saved that don't fit, which read_marked() refuses before.
    """
    made, left_out, gone = deepcopy(record), 0, set[tuple[str | int, ...]]()
    for item in items:
        decided = looked.get(item.key, Looked(Choice.KEEP))
        if decided.choice is Choice.KEEP:
            continue
        left_out += 1
        if decided.choice is Choice.LEAVE and item.row[0] in TELLING:
            gone.add(item.row)
            continue
        words = instead if decided.choice is Choice.LEAVE else read_marked(item.text, decided.marked, instead)
        row = _at(made, item.row)
        row[item.name] = words
        for codes in CODES_OF.get(item.name, ()):
            if codes in row:
                row[codes] = [words]  # the same answer, for a program
    for part in TELLING:
        made[part] = [row for number, row in enumerate(made[part]) if (part, number) not in gone]
    redacted = {one.place for one in looked.values() if one.choice is not Choice.KEEP}
    unseen = tuple(item for item in items if item.key not in looked and (item.by_staff or item.place in redacted))
    return Redacted(made, left_out, unseen)


def read_marked(original: str, marked: str, instead: str = LEFT_OUT) -> str:
    """The original with `instead` in place of each marked passage.

    Brackets that stand in the original are its own, wherever they could be either.

    :raises Unfit: where a mark has no other one, nothing is marked, or the words are others.
    """
    source, typed = as_lines(original), as_lines(marked)
    shown: list[str] = []
    at, place, opened, passages = 0, 0, -1, 0
    while place < len(typed):
        mark = typed[place : place + len(OPENS)]
        if mark in (OPENS, CLOSES) and not source.startswith(mark, at):
            if (mark == OPENS) == (opened >= 0):
                _refuse(
                    source[:at],
                    N_("a %(mark)s after “…%(words)s” has no other one"),
                    N_("a %(mark)s at the beginning has no other one"),
                    mark=mark,
                )
            if mark == CLOSES and opened == at:
                _refuse(
                    source[:at],
                    N_("nothing stands between the marks after “…%(words)s”"),
                    N_("nothing stands between the marks at the beginning"),
                )
            if mark == CLOSES:
                shown.append(instead)
            opened, passages = (at, passages) if mark == OPENS else (-1, passages + 1)
            place += len(mark)
            continue
        if not source.startswith(typed[place], at):
            _refuse(
                source[:at],
                N_("the words after “…%(words)s” are not those that were written"),
                N_("the words at the beginning are not those that were written"),
            )
        if opened < 0:
            shown.append(typed[place])
        at, place = at + 1, place + 1
    if at < len(source):
        _refuse(source[:at], N_("what follows “…%(words)s” is missing"), N_("all of it is missing"))
    if opened >= 0:
        _refuse(
            source[:opened],
            N_("the %(opens)s after “…%(words)s” has no %(closes)s"),
            N_("the %(opens)s at the beginning has no %(closes)s"),
            opens=OPENS,
            closes=CLOSES,
        )
    if not passages:
        raise Unfit(
            N_("no passage is marked. Put %(opens)s before it and %(closes)s after it"), opens=OPENS, closes=CLOSES
        )
    return "".join(shown)


Found = tuple[str, tuple[str | int, ...], str, bool, list[Any]]


NOTES = (
    ("notes", N_("Note of %(name)s, %(day)s"), N_("Addendum of %(name)s, %(day)s")),
    (
        "notes_of_two",
        N_("Note of %(name)s about the two together, %(day)s"),
        N_("Addendum of %(name)s about the two together, %(day)s"),
    ),
)
CONTACT = (
    ("before_name", N_("The name before the change of %(day)s")),
    ("before_email", N_("The address before the change of %(day)s")),
    ("before_phone", N_("The telephone before the change of %(day)s")),
)


def _by_staff(record: Record) -> Iterator[Found]:
    for part, note, addendum in NOTES:
        for number, row in enumerate(record[part]):
            what, context = Sentence(note, name=row["by"], day=row["written_at"][:10]), [row["written_at"]]
            yield what, (part, number), "text", True, context
            for place, added in enumerate(row["addenda"]):
                to = Sentence(addendum, name=added["by"], day=added["written_at"][:10])
                where = (part, number, "addenda", place)
                yield to, where, "text", True, [*context, added["written_at"]]
    for number, row in enumerate(record["flag_decisions"]):
        what = Sentence(
            N_("Why %(name)s cleared the flag %(flag)s, %(day)s"),
            name=row["by"],
            flag=row["flag"],
            day=row["decided_at"][:10],
        )
        yield what, ("flag_decisions", number), "reason", True, [row["decided_at"], row["flag"]]
    for number, row in enumerate(record["diagnoses"]):
        what = Sentence(N_("Diagnosis, entered %(day)s"), day=row["entered_at"][:10])
        yield what, ("diagnoses", number), "code", True, [row["entered_at"]]
    for number, row in enumerate(record["requests"]):
        if row["question"]:
            what = Sentence(N_("What the practice asked, %(day)s"), day=row["at"][:10])
            yield what, ("requests", number), "question", True, [row["request"], row["at"]]
    for number, intake in enumerate(record["intakes"]):
        for place, row in enumerate(intake["corrections"]):
            what = Sentence(
                N_("How they asked to correct “%(question)s”, %(day)s"),
                question=row["question"],
                day=row["corrected_at"][:10],
            )
            context = [intake["reference"], row["field"], row["corrected_at"]]
            yield what, ("intakes", number, "corrections", place), "asked_how", True, context


def _by_themselves(record: Record, free: Free) -> Iterator[Found]:
    answered = [(number, row) for number, row in enumerate(record["requests"]) if row["answer"]]
    for number, row in answered:
        what = Sentence(N_("What they answered to a question of the practice, %(day)s"), day=row["at"][:10])
        yield what, ("requests", number), "answer", False, [row["request"], row["at"]]
    for number, intake in enumerate(record["intakes"]):
        for place, row in enumerate(intake["answers"]):
            if (intake["reference"], row["field"]) in free:
                context = [intake["reference"], row["field"]]
                yield row["question"], ("intakes", number, "answers", place), "answer", False, context
        for place, row in enumerate(intake["corrections"]):
            if (intake["reference"], row["field"]) in free:
                context = [intake["reference"], row["field"], row["corrected_at"]]
                what = Sentence(
                    N_("%(question)s: before %(day)s"), question=row["question"], day=row["corrected_at"][:10]
                )
                yield what, ("intakes", number, "corrections", place), "before_answer", False, context
    for number, page in enumerate(record["pulse"]["answered"]):
        for place, row in enumerate(page["answers"]):
            if (page["day"], row["field"]) in free:
                where = ("pulse", "answered", number, "answers", place)
                yield row["question"], where, "answer", False, [page["day"], row["field"]]
    for number, row in enumerate(record["contact_changes"]):
        for name, sentence in CONTACT:
            what = Sentence(sentence, day=row["changed_at"][:10])
            yield what, ("contact_changes", number), name, False, [row["changed_at"]]
    for number, row in enumerate(record["pauses"]):
        what = Sentence(N_("Why they paused joint sessions, %(day)s"), day=row["paused_at"][:10])
        yield what, ("pauses", number), "reason", False, [row["paused_at"]]


def _written(row: Mapping[str, Any], name: str) -> str:
    """What somebody wrote there; empty where an answer was left empty, whatever our own words say of that."""
    was_empty = any(codes in row and not row[codes] for codes in CODES_OF.get(name, ()))
    return "" if was_empty else row[name] or ""


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


def _at(record: Record, row: tuple[str | int, ...]) -> dict[str, Any]:
    found: Any = record
    for step in row:
        found = found[step]
    return found  # type: ignore[no-any-return]


def as_lines(text: str) -> str:
    """The text as every browser sends it back, but for the ends of lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse(before: str, after: str, at_the_beginning: str, **values: str) -> NoReturn:
    """
    :raises Unfit: by one of two sentences: where something stands `before`, the one that names the end of it.
    """
    if before:
        raise Unfit(after, words=before[-SHOWN:], **values)
    raise Unfit(at_the_beginning, **values)
