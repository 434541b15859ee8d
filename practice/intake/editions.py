"""What changes the practice's questionnaire: its draft of changes, publishing them, going back. With intake's actions
the only writer of intake's tables. `actor` is how the audit log names whoever does it.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from sqlalchemy import func, select

from practice.audit import record
from practice.database import add_if_absent
from practice.errors import Conflict, Refused
from practice.intake.documents import edition_label, keep_copy, read_questionnaire, shipped_data
from practice.intake.edition_queries import ONLY, OpenDraft, get_edition, read_draft
from practice.intake.models import QuestionnaireDraft, QuestionnaireEdition
from practice.intake.tailoring import Document, tailor
from practice.intake.wording import Problem
from practice.languages import N_, Sentence
from practice.speaking import spoken
from practice.work import Work

Change = Callable[[OpenDraft], Document]
LONGEST_OVERLAY = 400_000  # characters: as much as some large instruments


class DraftChanged(Conflict):
    """Somebody else changed or published the draft between the reading and the saving."""

    title = N_("Somebody changed this while you had it open")
    way_out = N_("Nothing that you sent was saved. Look at it as it stands now, and change it once more.")


class DoesNotFit(Refused):
    """A change that the questionnaire can't bear; each problem says why."""

    title = N_("That doesn’t fit")

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(" ".join(spoken(problem.words) for problem in problems))
        self.problems = problems


class NothingToPublish(Refused):
    """There are no changes, or what there is doesn't fit the shipped questionnaire."""

    title = N_("There is nothing to publish")
    way_out = N_("Change something first, and mend whatever the page says.")


class OnlyInEnglish(Refused):
    """Words of the practice's own that clients who read another language would meet in English."""

    title = N_("Some words have no Spanish yet")
    way_out = N_("Write the Spanish of what the page lists, then publish.")


def change_draft(
    work: Work, actor: str, change: Change, *, about: str, seen: Callable[[OpenDraft], bool] | None = None
) -> None:
    """Make one change to the draft. `seen` says whether what stands now is what the reader saw; None asks nobody.

    :raises DraftChanged: when it isn't.
    :raises DoesNotFit: when the change brings a problem that wasn't there before.
    """
    row = _lock(work)
    stands = read_draft()
    if seen is not None and not seen(stands):
        raise DraftChanged
    overlay = change(stands)
    written = json.dumps(overlay, ensure_ascii=False)
    if len(written) > LONGEST_OVERLAY:
        too_long = Sentence(N_("These are more changes than we can keep. Take something out first."))
        raise DoesNotFit((Problem("", "", too_long),))
    found = tailor(shipped_data(), overlay, "draft").problems
    if fresh := tuple(problem for problem in found if problem not in stands.problems):
        raise DoesNotFit(fresh)
    if overlay == stands.overlay:
        return
    row.overlay, row.changed_at, row.changed_by = written, work.now, actor
    work.session.flush()
    record(work, actor, "questions_changed", "questionnaire", {"about": about})


def publish(work: Work, actor: str, *, seen: str) -> QuestionnaireEdition:
    """Ask new intakes the questions of the draft. Those that were begun keep their own.

    :raises DraftChanged: when the draft is another than was seen.
    :raises NothingToPublish: when there is none, or something of it doesn't fit.
    :raises OnlyInEnglish: when something of it is said in one language alone.
    """
    row = _lock(work)
    stands = read_draft()
    if stands.mark != seen:
        raise DraftChanged
    number = 1 + (work.session.scalar(select(func.max(QuestionnaireEdition.number))) or 0)
    tailored = tailor(shipped_data(), stands.overlay, edition_label(number))
    if not stands.changed or not tailored.fits:
        raise NothingToPublish
    if stands.unsaid:
        raise OnlyInEnglish
    document = json.dumps(tailored.document, ensure_ascii=False)
    keep_copy(work.session, document)
    edition = QuestionnaireEdition(
        number=number,
        overlay=json.dumps(dict(stands.overlay), ensure_ascii=False),
        questionnaire_hash=read_questionnaire(document).hash,
        published_at=work.now,
        published_by=actor,
    )
    work.session.add(edition)
    row.overlay = row.changed_at = row.changed_by = None
    work.session.flush()
    record(work, actor, "questions_published", "questionnaire", {"number": number})
    return edition


def discard(work: Work, actor: str, *, seen: str) -> None:
    """Forget the changes that nobody has published.

    :raises DraftChanged: when the draft is another than was seen.
    """
    row = _lock(work)
    if read_draft().mark != seen:
        raise DraftChanged
    row.overlay = row.changed_at = row.changed_by = None
    work.session.flush()
    record(work, actor, "questions_discarded", "questionnaire")


def restore(work: Work, actor: str, number: int, *, seen: str) -> None:
    """Make an earlier edition the draft (0: everything as shipped); it still has to be published.

    :raises NotFound: when there is none of this number.
    :raises DraftChanged: when the draft is another than was seen.
    """
    overlay = get_edition(number).overlay if number else "{}"
    row = _lock(work)
    if read_draft().mark != seen:
        raise DraftChanged
    row.overlay, row.changed_at, row.changed_by = overlay, work.now, actor
    work.session.flush()
    record(work, actor, "questions_restored", "questionnaire", {"number": number})


def _lock(work: Work) -> QuestionnaireDraft:
    add_if_absent(work.session, QuestionnaireDraft, id=ONLY)
    return work.session.get_one(QuestionnaireDraft, ONLY, with_for_update=True, populate_existing=True)
