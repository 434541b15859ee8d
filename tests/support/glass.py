"""A couple that is one clinician's, and a colleague who has nothing to do with them and opens them with a reason."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from practice.intake.documents import current_questionnaire
from practice.intake.questions import SESSION, TYPED, Field
from practice.review import actions as review
from practice.review.glass_forms import ONE
from practice.review.seeing import roles_of
from practice.staff.queries import find_account
from practice.work import begin_work
from tests.support.answering_couples import Two, accepts, books, completes, intake_of, join
from tests.support.browsing import Browser
from tests.support.staff import Colleague, hire, sign_in
from tests.support.story import Practice

ASKED_OF_ALL = {"control": "often", "prior_therapy": ("couple",), "others_see_messages": "maybe"}
FRONT_DESK = "admin"  # the visibility of what whoever coordinates reads too
REASON = "Canaryreason: she rang the bell, and her clinician is away."


@dataclass(frozen=True)
class Floor:
    """Two people, the clinician whose they are, a colleague, and the references of what each of the two sent.

    `words`: a canary for each answer of theirs that is typed, and that whoever coordinates never reads.
    """

    practice: Practice
    couple: Two
    theirs: Colleague
    colleague: Colleague
    robin: str
    sasha: str
    words: list[str] = field(default_factory=list)

    def browser(self, who: Colleague) -> Browser:
        """A browser in which they are signed in."""
        return sign_in(self.practice, who)


def floor(practice: Practice) -> Floor:
    """Everything clinical that both typed is a canary; a clinician took the request of one of them."""
    with practice.app.app_context():
        questions = current_questionnaire()
    first = _typed(one for one in questions.fields() if one.moment == "book")
    more = _typed(one for one in questions.fields() if one.moment == SESSION)
    others = _typed(questions.for_partner().fields())
    shows_all = {**ASKED_OF_ALL, "contact_ok": ("email", "call"), "phone": "+1 555 0199"}
    robin_client = books(practice, **shows_all, **first)
    completes(practice, robin_client, **ASKED_OF_ALL, **more)
    couple = join(practice, robin_client, accepts(practice, **shows_all, **others))
    theirs = hire(practice, "clinician", email="theirs@practice.example")
    colleague = hire(practice, "clinician", email="colleague@practice.example")
    robin, sasha = intake_of(practice, couple.one), intake_of(practice, couple.other)
    with practice.app.app_context(), begin_work() as work:
        account = find_account(theirs.email)
        assert account is not None
        assert roles_of(account) == {"clinician"}
        review.take(work, account, robin, seen="")
    return Floor(practice, couple, theirs, colleague, robin, sasha, [*first.values(), *more.values(), *others.values()])


def _typed(fields: Iterable[Field]) -> dict[str, str]:
    typed = (one.name for one in fields if one.kind in TYPED and one.visibility != FRONT_DESK)
    return {name: f"Canary{name.replace('_', '')}{secrets.token_hex(4)}" for name in typed}


def open_up(browser: Browser, intake: str, what: str = ONE, reason: str = REASON) -> int:
    """Say why, and open it; the status of the answer."""
    return browser.submit(f"/staff/intakes/{intake}/open", {"what": what, "reason": reason}).status_code
