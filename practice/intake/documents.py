"""What the intake asks, and whom it points to: the shipped questionnaire, the practice's own, and the help lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from flask import current_app, has_app_context
from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.database import add_if_absent, db
from practice.intake.models import QuestionnaireCopy, QuestionnaireEdition
from practice.intake.parsing import parse
from practice.intake.questions import BOOKER, PARTNER, Questionnaire
from practice.intake.tailoring import Overlay, tailor
from practice.intake.translating import known_words, translate
from practice.intake.wording import Problem
from practice.kept import keep
from practice.languages import DEFAULT, OTHERS
from practice.own_words import Texts, Words, lacks, texts_of, told
from practice.speaking import current_language, gettext

FOLDER = Path(__file__).resolve().parent
ELSEWHERE = "elsewhere"
COPIES = "practice.questionnaire_copies"
LINE_KINDS = ("crisis", "abuse", "youth")
OWN_TEXTS = ("how", "hours")  # of a help line; its name stays as the service calls itself


@dataclass(frozen=True)
class HelpLine:
    """Somebody to turn to. `where` narrows it to some regions of its country; empty means all of it."""

    name: str
    how: str
    hours: str
    dial: str  # digits for a tel: link; empty where there is no number
    web: str
    where: tuple[str, ...]
    source: str
    checked: date
    others: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)  # by language, OWN_TEXTS

    def in_languages(self, text: str) -> Texts:
        """How they are reached, or when, in each language; where the English is as we ship it, our words will do."""
        english: str = getattr(self, text)
        own = {language: self.others.get(language, {}).get(text, "") for language in OTHERS}
        return texts_of(english, {one: said or line_words(one).get(english, "") for one, said in own.items()})

    def told(self, text: str) -> Words:
        """One of OWN_TEXTS in the reader's language, or in English where nobody wrote it."""
        return told(self.in_languages(text))

    def lacking(self) -> dict[str, list[str]]:
        """Which of its texts are not written in another language, by that language."""
        found = {one: [text for text in OWN_TEXTS if lacks(self.in_languages(text), one)] for one in OTHERS}
        return {language: texts for language, texts in found.items() if texts}


@dataclass(frozen=True)
class HelpLines:
    """The lines of one region, by what they are for."""

    emergency: str
    crisis: tuple[HelpLine, ...]
    abuse: tuple[HelpLine, ...]
    youth: tuple[HelpLine, ...]


@dataclass(frozen=True)
class CurrentEdition:
    """What new intakes are asked: the practice's number (0: as shipped), its changes, and what comes of them, as JSON.

    Where the changes no longer fit what ships now, `problems` says how, and `document` is what was published.
    """

    number: int
    overlay: Overlay
    document: str
    problems: tuple[Problem, ...]


def current_questionnaire() -> Questionnaire:
    """The questionnaire that new intakes are asked: the practice's own. Outside an application, the shipped one."""
    return read_questionnaire(current_document())


def current_document() -> str:
    """The data of the current questionnaire, as JSON; read_questionnaire() makes the same questionnaire of it."""
    return current_edition().document if has_app_context() else shipped_document()


def current_edition() -> CurrentEdition:
    """What the practice published last, applied to what ships now."""
    return keep("questionnaire", _read_edition)


def shipped_questionnaire() -> Questionnaire:
    """The questionnaire as it ships, without any practice's changes."""
    return read_questionnaire(shipped_document())


@cache
def shipped_document() -> str:
    """The data of the shipped questionnaire, with its words in every language, as JSON."""
    data: dict[str, Any] = yaml.safe_load((FOLDER / "questionnaire.yaml").read_text(encoding="utf-8"))
    for language in OTHERS:
        data[language] = yaml.safe_load((FOLDER / f"questionnaire.{language}.yaml").read_text(encoding="utf-8"))
    return json.dumps(data, ensure_ascii=False)


def shipped_data() -> dict[str, Any]:
    """The same, to look into; nobody else's copy."""
    found: dict[str, Any] = json.loads(shipped_document())
    return found


def edition_label(number: int) -> str:
    """What a practice's edition is called: 1.p3 is its third, on version 1 of what ships; number 0 is that itself."""
    version = shipped_questionnaire().version
    return f"{version}.p{number}" if number else version


def instruments_of(document: str) -> list[dict[str, Any]]:
    """The data of the instruments within a questionnaire, for intake.instruments.read_instrument."""
    found: list[dict[str, Any]] = json.loads(document).get("instruments", [])
    return found


def keep_copy(session: Session, document: str) -> None:
    """Keep a questionnaire as it is asked, unless it is kept already."""
    questions = read_questionnaire(document)
    if session.get(QuestionnaireCopy, questions.hash) is not None:
        return
    kept = {"hash": questions.hash, "version": questions.version, "document": document}
    add_if_absent(session, QuestionnaireCopy, **kept)


def _read_edition() -> CurrentEdition:
    newest = (
        select(QuestionnaireEdition.number, QuestionnaireEdition.overlay, QuestionnaireCopy.document)
        .join(QuestionnaireCopy, QuestionnaireCopy.hash == QuestionnaireEdition.questionnaire_hash)
        .order_by(QuestionnaireEdition.number.desc())
        .limit(1)
    )
    found = db.session().connection().execute(newest).one_or_none()
    if found is None:
        return CurrentEdition(0, {}, shipped_document(), ())
    overlay = json.loads(found.overlay)
    tailored = tailor(shipped_data(), overlay, edition_label(found.number))
    document = json.dumps(tailored.document, ensure_ascii=False) if tailored.fits else found.document
    return CurrentEdition(found.number, overlay, document, tailored.problems)


def read_questionnaire(document: str, audience: str = BOOKER) -> Questionnaire:
    """The questionnaire that this JSON describes, as somebody of this audience is asked it, in the reader's language.

    A text that a version of before had in English alone is said in the words that ship now, where its English is the
    same; else in English.
    """
    return _read_questionnaire(document, audience, current_language())


@lru_cache(maxsize=64)
def _read_questionnaire(document: str, audience: str, language: str) -> Questionnaire:
    data = json.loads(document)
    found = parse(data)
    if language != DEFAULT:
        found = translate(found, known_words(data, shipped_data(), language)).spoken_in(language, gettext)
    return found.for_partner() if audience == PARTNER else found


def documents_of(hashes: Iterable[str]) -> Mapping[str, str]:
    """The data of these copies, by hash. A process reads each once: what a hash stands for never changes."""
    known: dict[str, str] = current_app.extensions.setdefault(COPIES, {})
    missing = set(hashes) - known.keys()
    if missing:
        copies = select(QuestionnaireCopy).where(QuestionnaireCopy.hash.in_(missing))
        known |= {copy.hash: copy.document for copy in db.session.scalars(copies)}
    return known


def help_lines(region: str, own: Mapping[str, HelpLines] | None = None) -> HelpLines:
    """The lines for somebody in this region (a code as in practice.regions, or of a whole country).

    `own` are the practice's lists, by country as country_of() names it, in place of those that ship.
    """
    country = country_of(region)
    entry = (own or {}).get(country) or shipped_lines(country)
    whole = len(region) == 2  # no narrower place is known

    def near(lines: tuple[HelpLine, ...]) -> tuple[HelpLine, ...]:
        return tuple(line for line in lines if whole or not line.where or region in line.where) or lines

    return replace(entry, crisis=near(entry.crisis), abuse=near(entry.abuse), youth=near(entry.youth))


def country_of(region: str) -> str:
    """Whose list serves this region: one of list_countries()."""
    return _served_by().get(region[:2], ELSEWHERE)


@cache
def list_countries() -> tuple[str, ...]:
    """Every country with a list of its own, and, last, ELSEWHERE."""
    return tuple(_read_lines())


def shipped_lines(country: str) -> HelpLines:
    """The whole list of a country, as it ships.

    :raises KeyError: for a country that has none.
    """
    return _read_lines()[country][0]


def read_help_line(entry: Mapping[str, Any]) -> HelpLine:
    """One line, of data as in lines.yaml; `checked` may be a date or its ISO form."""
    checked = entry["checked"]
    return HelpLine(
        name=entry["name"],
        how=entry["how"],
        hours=entry["hours"],
        dial=entry.get("dial", ""),
        web=entry.get("web", ""),
        where=tuple(entry.get("where", ())),
        source=entry["source"],
        checked=checked if isinstance(checked, date) else date.fromisoformat(checked),
        others=entry.get("others", {}),
    )


@cache
def _read_lines() -> dict[str, tuple[HelpLines, tuple[str, ...]]]:
    """By country: its list, and the other countries that the same list serves."""
    data = yaml.safe_load((FOLDER / "lines.yaml").read_text(encoding="utf-8"))
    return {
        country: (
            HelpLines(entry["emergency"], **{kind: tuple(map(read_help_line, entry[kind])) for kind in LINE_KINDS}),
            tuple(entry.get("also", ())),
        )
        for country, entry in data.items()
    }


@cache
def line_words(language: str) -> Mapping[str, str]:
    """How shipped lines are reached, and when, in another language, by the English words."""
    if language == DEFAULT:
        return {}
    found: dict[str, str] = yaml.safe_load((FOLDER / f"lines.{language}.yaml").read_text(encoding="utf-8"))
    return found


@cache
def _served_by() -> dict[str, str]:
    return {code: country for country, (_, also) in _read_lines().items() for code in (country, *also)}
