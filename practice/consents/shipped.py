"""The documents that we ship: Markdown files, each with a head of `name: value` lines between two `---`.

They are a beginning in plain words. Before a practice is open, its own lawyer reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from practice.consents.documents import AskedOf, Wording, tidy
from practice.profile import PracticeProfile

FOLDER = Path(__file__).parent / "texts"
HEAD = "---\n"


@dataclass(frozen=True)
class Shipped:
    """One document of ours: its key and words, of whom it is asked, and which secrets policy it describes, if any."""

    key: str
    wording: Wording
    asked_of: AskedOf
    required: bool
    policy: str | None


def shipped(practice: PracticeProfile) -> list[Shipped]:
    """Every one of them, with this practice's name and how to reach it. The couple's is there for each policy."""
    return [_filled(*one, practice) for one in _read_all()]


def shipped_for(practice: PracticeProfile, policy: str) -> Shipped:
    """The couple's document under this secrets policy."""
    return next(one for one in shipped(practice) if one.policy == policy)


def _filled(fields: dict[str, str], body: str, practice: PracticeProfile) -> Shipped:
    def fill(text: str) -> str:
        for name in ("name", "phone", "email", "desk_hours"):
            text = text.replace(f"[{name}]", getattr(practice, name))
        return text

    return Shipped(
        key=fields["key"],
        wording=tidy(fields["title"], fill(fields["summary"]), fill(body)),
        asked_of=AskedOf(fields["asked of"]),
        required=fields["required"] == "yes",
        policy=fields.get("policy"),
    )


@cache
def _read_all() -> tuple[tuple[dict[str, str], str], ...]:
    return tuple(_read(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.md")))


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
