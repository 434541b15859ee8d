"""What staff read of the practice's questionnaire: the draft of changes, and what was published."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from practice.database import db
from practice.errors import NotFound
from practice.intake.documents import current_edition, edition_label, shipped_data
from practice.intake.models import QuestionnaireDraft, QuestionnaireEdition
from practice.intake.tailoring import Document, Overlay, tailor
from practice.intake.translating import Place, unsaid
from practice.intake.wording import Problem
from practice.languages import OTHERS

ONLY = 1


@dataclass(frozen=True)
class OpenDraft:
    """The changes as they stand, published or not, with the questionnaire that comes of them.

    `mark` is the same for two readers who saw the same. `changed` says whether something waits to be published.
    `unsaid` are the texts that have no words in another language yet (translating.py).
    """

    overlay: Overlay
    document: Document
    problems: tuple[Problem, ...]
    unsaid: tuple[Place, ...]
    mark: str
    changed: bool
    changed_at: datetime | None
    changed_by: str | None


def read_draft() -> OpenDraft:
    """The draft of changes; where there is none, what is published."""
    row = db.session.get(QuestionnaireDraft, ONLY)
    published = current_edition()
    waits = row is not None and row.overlay is not None
    overlay = json.loads(row.overlay) if row is not None and row.overlay is not None else published.overlay
    tailored = tailor(shipped_data(), overlay, edition_label(published.number + waits))
    return OpenDraft(
        overlay=overlay,
        document=tailored.document,
        problems=tailored.problems,
        unsaid=tuple(place for language in OTHERS for place in unsaid(tailored.document, language)),
        mark=mark_of([published.number, overlay]),
        changed=waits,
        changed_at=row.changed_at if row is not None and waits else None,
        changed_by=row.changed_by if row is not None and waits else None,
    )


def list_editions() -> list[QuestionnaireEdition]:
    """Everything that was published, the newest first."""
    return list(db.session.scalars(select(QuestionnaireEdition).order_by(QuestionnaireEdition.number.desc())))


def get_edition(number: int) -> QuestionnaireEdition:
    """What was published under this number.

    :raises NotFound: when there is none.
    """
    found = db.session.get(QuestionnaireEdition, number)
    if found is None:
        raise NotFound
    return found


def mark_of(said: Any) -> str:
    """Whatever can be JSON, in a few letters: two readings that agree saw the same."""
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
