"""Somebody asks for their whole record, and the practice answers: a word for each step, by the product's actions."""

from __future__ import annotations

from collections.abc import Mapping

from practice.rights.access import actions, queries
from practice.rights.access.redacting import Choice, Looked
from practice.rights.access.rules import How, Outcome
from tests.support.offers import work_in
from tests.support.story import Client, Practice

CLINICIAN = "staff:1"
KEEP = Looked(Choice.KEEP)


def ask(practice: Practice, client: Client) -> str:
    """They ask on their page; the reference of what waits."""
    with work_in(practice) as work:
        actions.ask(work, practice.person(client))
    return open_request(practice, client)


def open_request(practice: Practice, client: Client) -> str:
    """The reference of what waits for an answer."""
    with practice.app.app_context():
        found = queries.find_open(client.person_id)
        assert found is not None
        return found.reference


def check(practice: Practice, reference: str, how: How = How.CALL, remark: str = "") -> None:
    """Somebody made sure who asks."""
    with work_in(practice) as work:
        actions.check_identity(work, CLINICIAN, reference, how, remark)


def look(practice: Practice, reference: str, decided: Mapping[str, Looked] | None = None) -> None:
    """A clinician looks at every text and keeps it, but for those that hold a word of `decided`."""
    with work_in(practice) as work:
        request = queries.get_request(reference)
        before = queries.read_review(request)
        looked: dict[str, Looked | None] = {}
        for item in queries.prepare(request, before, work.now).items:
            found = [one for word, one in (decided or {}).items() if word in item.text]
            looked[item.key] = found[0] if found else KEEP
        actions.save_review(work, CLINICIAN, reference, looked, seen=before.revision)


def mark_of(practice: Practice, reference: str) -> str:
    """What the page that shows the record names it by."""
    with practice.app.app_context():
        request = queries.get_request(reference)
        return queries.prepare(request, queries.read_review(request), practice.clock.now()).redacted.mark


def hand_over(
    practice: Practice, reference: str, outcome: Outcome = Outcome.WHOLE, reason: str = "No harm is likely"
) -> None:
    """A clinician hands it over as it was reviewed."""
    seen = mark_of(practice, reference)
    with work_in(practice) as work:
        actions.hand_over(work, CLINICIAN, reference, outcome, reason, seen=seen)


def handed_over(practice: Practice, client: Client, decided: Mapping[str, Looked] | None = None) -> str:
    """All of it: they asked, were identified, and have their record; the request's reference."""
    reference = ask(practice, client)
    check(practice, reference)
    look(practice, reference, decided)
    hand_over(practice, reference, Outcome.PARTS if decided else Outcome.WHOLE)
    return reference
