"""The documents that we ship: Markdown files, each with a head of `name: value` lines between two `---`.

A folder for each other language holds the same files; their heads say title and summary alone. They are a beginning in
plain words. Before a practice is open, its own lawyer reads them, in each language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from practice.consents.documents import AskedOf, Wording, tidy
from practice.desk_hours import read_weekly
from practice.languages import DEFAULT, LANGUAGES
from practice.profile import PracticeProfile
from practice.speaking import TELLING

LEFT_OPEN = {"phone": r"[-+\d ()./]*", "email": r"[^\s,;]*", "desk_hours": r"[^.\n]*"}
"""What may stand where we leave a place open for a practice's own, its name aside: never words of a language."""
OPEN = re.compile(rf"\[({'|'.join(LEFT_OPEN)})\]")
FOLDER = Path(__file__).parent / "texts"
HEAD = "---\n"


@dataclass(frozen=True)
class Shipped:
    """One document of ours: its key and words, of whom it is asked, and which secrets policy it describes, if any.

    `others`: the same in other languages.
    """

    key: str
    wording: Wording
    asked_of: AskedOf
    required: bool
    policy: str | None
    others: Mapping[str, Wording] = field(default_factory=dict)


def shipped(practice: PracticeProfile) -> list[Shipped]:
    """Every one of them, with this practice's name and how to reach it. The couple's is there for each policy."""
    return [_filled(name, practice) for name in _read_all(DEFAULT)]


def shipped_for(practice: PracticeProfile, policy: str) -> Shipped:
    """The couple's document under this secrets policy."""
    return next(one for one in shipped(practice) if one.policy == policy)


def shipped_others(practice: PracticeProfile, wording: Wording) -> Mapping[str, Wording]:
    """These very words in other languages, where they are ours, filled in with what stands in them; else nothing.

    What stands in them was the practice's when they were written: it may have another telephone by now.
    """
    for name in _read_all(DEFAULT):
        filled_in = _find_filled_in(name, practice, wording)
        if filled_in is not None:
            return _filled(name, PracticeProfile(name=practice.name, **filled_in)).others
    return {}


def _find_filled_in(name: str, practice: PracticeProfile, wording: Wording) -> dict[str, str] | None:
    """What these words have in each place that we leave open; None where they are not ours, or it can't be said in
    another language.
    """
    fields, body = _read_all(DEFAULT)[name]
    ours = tidy(fields["title"], fields["summary"], body.replace("[name]", practice.name)).exact
    pattern, seen = "", set[str]()
    for number, piece in enumerate(OPEN.split(ours)):
        if number % 2 == 0:
            pattern += re.escape(piece)
            continue
        may_stand = f"{re.escape(getattr(practice, piece))}|{LEFT_OPEN[piece]}"
        pattern += f"(?P={piece})" if piece in seen else f"(?P<{piece}>{may_stand})"
        seen.add(piece)
    found = re.fullmatch(pattern, wording.exact)
    if found is None:
        return None
    filled_in = dict.fromkeys(LEFT_OPEN, "") | found.groupdict()
    try:
        read_weekly(filled_in["desk_hours"])
    except ValueError:  # in somebody's own words
        return None
    return filled_in


def _filled(name: str, practice: PracticeProfile) -> Shipped:
    fields = _read_all(DEFAULT)[name][0]
    others = [language for language in LANGUAGES if language != DEFAULT]
    return Shipped(
        key=fields["key"],
        wording=_worded(name, DEFAULT, practice),
        asked_of=AskedOf(fields["asked of"]),
        required=fields["required"] == "yes",
        policy=fields.get("policy"),
        others={language: _worded(name, language, practice) for language in others},
    )


def _worded(name: str, language: str, practice: PracticeProfile) -> Wording:
    fields, body = _read_all(language)[name]

    values = {one: getattr(practice, one) for one in ("name", "phone", "email")}
    values["desk_hours"] = _hours(practice.desk_hours, language)

    def fill(text: str) -> str:
        for one, value in values.items():
            text = text.replace(f"[{one}]", value)
        return text

    return tidy(fields["title"], fill(fields["summary"]), fill(body))


def _hours(written: str, language: str) -> str:
    """When somebody reads. English has them as they are written: other words would be asked of everybody anew."""
    return written if language == DEFAULT else str(TELLING[language].weekly_hours(read_weekly(written)))


@cache
def _read_all(language: str) -> dict[str, tuple[dict[str, str], str]]:
    """Head and body of every text in a language, by the name of its file."""
    folder = FOLDER if language == DEFAULT else FOLDER / language
    return {path.stem: _read(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.md"))}


def _read(source: str) -> tuple[dict[str, str], str]:
    _, head, body = source.split(HEAD, 2)
    return dict(line.split(": ", 1) for line in head.strip().splitlines()), _unwrapped(body)


def _unwrapped(body: str) -> str:
    """A paragraph or a line of a list as one line, so that owners can change it in any width."""
    lines: list[str] = []
    for line in body.splitlines():
        goes_on = line.strip() and lines and lines[-1].strip() and not line.startswith(("- ", "#"))
        if goes_on and not lines[-1].startswith("#"):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return "\n".join(lines)
