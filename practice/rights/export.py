"""Everything that we keep of one person, as data: a table of parts, each read from the room that it belongs to.

docs/rights.md describes the format; a test validates what is written against that page. Another test goes through
every table that leads to a person: it stands in a part here, or in NOT_EXPORTED with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from practice.languages import N_
from practice.people import Person
from practice.profile import profile
from practice.rights import export_care as care
from practice.rights import export_notes as written
from practice.rights import export_parts as parts
from practice.rights.access.exporting import access_requests
from practice.rights.export_requests import requests
from practice.rights.scope import Scope
from practice.speaking import current_language
from practice.speaking import gettext as _

FORMAT, VERSION = "practice-person", 2
LEFT_OUT = N_(
    "Some answers are never shown on a screen again: all of “Just for you”, whether anyone else could see your "
    "messages, how to contact you safely, what your partner knows, why joint sessions were paused, and whether you "
    "wish to talk alone. They are not in here, whether you gave them or not, and neither are the practice’s own notes. "
    "We give you those after speaking with you alone. Nothing that anybody else told us is in here either."
)
UNSENT = N_("What was saved and not sent is not in here: whoever saved it finds it on their own page.")
COMPLETE = N_(
    "This holds everything that was sent, also what is never shown on a screen again, and the practice’s notes. Before "
    "it is handed over, somebody speaks with this person alone, and looks for what was said about others."
)
SAID_TO_BE_LEFT_OUT = {Scope.OWN: (LEFT_OUT,), Scope.SENT: (LEFT_OUT, UNSENT), Scope.WHOLE: (COMPLETE, UNSENT)}


@dataclass(frozen=True)
class Part:
    """One part of an export: its name there, the tables whose rows it shows, and how it is read.

    `read` answers plain values: text, numbers, dates, None, lists and dicts of them. A part of `staff` is in the whole
    record alone.
    """

    name: str
    tables: frozenset[str]
    read: Callable[[Person, Scope], Any]
    staff: bool = False


PARTS: tuple[Part, ...] = (
    Part("contact", frozenset({"person"}), parts.contact),
    Part("intakes", frozenset({"intake", "intake_answers", "answer_correction", "questionnaire_copy"}), parts.intakes),
    Part("requests", frozenset({"review_step", "referral"}), requests),
    Part("couples", frozenset({"couple", "couple_member"}), parts.couples),
    Part("bookings", frozenset({"booking", "waiver", "withdrawal_request"}), parts.bookings),
    Part("waiting_list", frozenset({"wish", "place_wish"}), parts.waiting_list),
    Part("documents", frozenset({"paper"}), parts.documents),
    Part("payments", frozenset({"payment_attempt", "refund"}), parts.payments),
    Part("fees", frozenset({"fee"}), parts.fees),
    Part("fee_agreements", frozenset({"fee_consent"}), parts.fee_agreements),
    Part("prices", frozenset({"price_agreement"}), parts.prices),
    Part("links", frozenset({"mailed_link"}), parts.links),
    Part("erasure_requests", frozenset({"erasure_request"}), parts.erasure_requests),
    Part("access_requests", frozenset({"access_request", "access_copy"}), access_requests),
    Part("consents", frozenset({"consent", "consent_text"}), care.consents),
    Part("invitations", frozenset({"partner_invitation"}), care.invitations),
    Part("standing", frozenset({"partner_standing"}), care.standing),
    Part("pauses", frozenset({"partner_pause"}), care.pauses),
    Part("pulse", frozenset({"pulse_course", "pulse_answer", "pulse_questions"}), care.pulse),
    Part("stopped_letters", frozenset({"stopped_letters"}), care.stopped_letters),
    Part("contact_changes", frozenset({"contact_change"}), care.contact_changes),
    Part("return_codes", frozenset({"return_code"}), care.return_codes),
    Part("flag_decisions", frozenset({"flag_decision"}), care.flag_decisions, staff=True),
    Part("notes", frozenset({"note", "note_version", "note_addendum"}), written.notes, staff=True),
    Part("notes_of_two", frozenset({"note"}), written.notes_of_two, staff=True),
    Part("diagnoses", frozenset({"diagnosis"}), parts.diagnoses, staff=True),
)

NOT_EXPORTED = {
    "access_review": "what a clinician looked at before a record was handed over, and why: the practice's own note",
    "agreed_fees": "a copy of what stands under fee_agreements, for booking",
    "calendar_question": "what was done to a session in a therapist's own calendar; it stands under bookings",
    "cancellation_override": "the terms show in the refund; the reason is the practice's own note",
    "clearance": "about two people, and sealed with both people's keys: neither's alone to take along",
    "clearance_reading": "which answers were read for a clearance; the answers themselves are in here",
    "client_session": "a hash of a browser's secret; it says nothing",
    "collision": "that a session met a time in its therapist's own calendar: about the therapist's work",
    "conversion": "about two people, sealed with both people's keys; the session stands under bookings, as cancelled",
    "dispute": "the bank's, at the payment service; its sum is that of the payment",
    "eligibility": "worked out from the intake",
    "feed_entry": "a copy of the booking for the therapist's calendar",
    "glass_grant": "which of our staff opened what wasn't theirs, and why: the practice's own note about their work",
    "legal_hold": "the reason may be a court's secret; the page about erasure says that one stands",
    "mailed_object": "that letters brought a calendar a booking; the address is the one under contact or its changes",
    "money_decision": "its outcome stands under payments and fees; the reason is the practice's own note",
    "person_key": "the key itself, wrapped",
    "pushed_session": "where a copy of the booking stands in the therapist's own calendar",
    "slot_claim": "the booking's time, in five-minute pieces",
    "urgent_notice": "when staff were called to read an intake, and who did: about their work; it names no answer",
    "wish_offer": "what was kept for a wish is a booking",
}


def read_export(person: Person, scope: Scope, now: datetime) -> dict[str, Any]:
    """Everything of this person that belongs into an export of this scope, its words in the language that is spoken."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        "kind": scope.value,
        "language": current_language(),
        "made_at": now,
        "practice": profile().name,
        "person": person.reference,
        "left_out": in_sentences(SAID_TO_BE_LEFT_OUT[scope]),
    }
    read = {part.name: part.read(person, scope) for part in PARTS if scope.is_whole or not part.staff}
    plain: dict[str, Any] = _plain({**head, **read})
    return plain


def in_sentences(marked: Iterable[str]) -> str:
    """Whole sentences one after the other, in the language that is spoken."""
    return " ".join(_(sentence) for sentence in marked)


def name_file(now: datetime) -> str:
    """`record-2027-05-05.json`: what somebody finds in a folder of downloads."""
    return f"record-{now.date().isoformat()}.json"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, (date, datetime)) else value
