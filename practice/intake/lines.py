"""The help lines as the practice has them: its own list of a country where it made one, else the one that ships."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta

from sqlalchemy import func, select

from practice.database import db
from practice.intake.documents import (
    LINE_KINDS,
    HelpLine,
    HelpLines,
    help_lines,
    list_countries,
    read_help_line,
    shipped_lines,
)
from practice.intake.models import HelpLineList
from practice.kept import keep

SHIPPED = "null"  # the document of a list that goes back to the one that ships
OLD_AFTER = timedelta(days=183)  # half a year


def lines_for(region: str) -> HelpLines:
    """The lines for somebody in this region."""
    return help_lines(region, own_lists())


def find_untold() -> list[HelpLine]:
    """The lines that aren't written in every language, each once."""
    return [line for line in _every_line() if line.lacking()]


def own_lists() -> Mapping[str, HelpLines]:
    """The practice's own lists, by country."""
    return keep("help_lines", _read)


def list_of(country: str) -> HelpLines:
    """The whole list of a country as it stands.

    :raises KeyError: for a country that has none.
    """
    return own_lists().get(country) or shipped_lines(country)


def number_of(country: str) -> int:
    """How often the practice has saved a list of this country; 0 where never."""
    found = select(func.max(HelpLineList.number)).where(HelpLineList.country == country)
    return db.session.scalar(found) or 0


def list_saved(country: str) -> list[HelpLineList]:
    """Every list that was saved of this country, the newest first."""
    found = select(HelpLineList).where(HelpLineList.country == country).order_by(HelpLineList.number.desc())
    return list(db.session.scalars(found))


def find_old(today: date) -> list[HelpLine]:
    """The lines that nobody has checked for half a year, each once."""
    return [line for line in _every_line() if is_old(line, today)]


def is_old(line: HelpLine, today: date) -> bool:
    """Whether nobody has checked it for half a year."""
    return today - line.checked > OLD_AFTER


def write_lines(lines: HelpLines) -> str:
    """A list as it is kept."""
    said = {
        kind: [{**asdict(line), "checked": line.checked.isoformat()} for line in getattr(lines, kind)]
        for kind in LINE_KINDS
    }
    return json.dumps(said, ensure_ascii=False)


def _every_line() -> list[HelpLine]:
    lists = [list_of(country) for country in list_countries()]
    return list(dict.fromkeys(line for entry in lists for kind in LINE_KINDS for line in getattr(entry, kind)))


def _read() -> Mapping[str, HelpLines]:
    newest = select(HelpLineList.country, HelpLineList.document).order_by(HelpLineList.number)
    documents = {row.country: row.document for row in db.session.execute(newest)}
    return {
        country: HelpLines(
            shipped_lines(country).emergency,
            **{kind: tuple(map(read_help_line, said[kind])) for kind in LINE_KINDS},
        )
        for country, said in ((country, json.loads(document)) for country, document in documents.items())
        if said is not None and country in list_countries()
    }
