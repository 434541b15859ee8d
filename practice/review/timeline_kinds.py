"""What a timeline tells of, and who of two people may know it: one table. Pure. docs/timeline.md shows it; a test
compares the two.

Who may know something is what the pages and letters of the product tell clients, not what they were told elsewhere.
Where it isn't sure that a client is told, it says that staff alone know.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from practice.languages import N_


class Knows(StrEnum):
    """Who of the two may know."""

    ITS_PERSON = "its person"  # whom it is about, never the other
    WHO_COMES = "who comes"  # both where it is for two, else its person
    BOTH = "both"
    STAFF = "staff only"


class Group(StrEnum):
    """What a reader filters by."""

    REQUESTS = "requests"
    COMING_TOGETHER = "together"
    SESSIONS = "sessions"
    LETTERS = "letters"
    MONEY = "money"
    CONSENTS = "consents"
    CLEARING = "clearing"
    NOTES = "notes"


GROUP_WORDS = {
    Group.REQUESTS: N_("Requests and answers"),
    Group.COMING_TOGETHER: N_("Invitations and pauses"),
    Group.SESSIONS: N_("Sessions"),
    Group.LETTERS: N_("Letters"),
    Group.MONEY: N_("Payments, refunds and fees"),
    Group.CONSENTS: N_("Consents"),
    Group.CLEARING: N_("Flags and clearing"),
    Group.NOTES: N_("Notes"),
}


class Needs(StrEnum):
    """What somebody on the staff must see to read it."""

    LOGISTICS = "logistics"
    CLINICAL = "clinical"
    MONEY = "money"


@dataclass(frozen=True)
class Kind:
    """One kind of entry."""

    group: Group
    words: str
    knows: Knows
    needs: Needs = Needs.LOGISTICS


_R, _T, _S, _M = Group.REQUESTS, Group.COMING_TOGETHER, Group.SESSIONS, Group.MONEY
_L, _C, _F, _N = Group.LETTERS, Group.CONSENTS, Group.CLEARING, Group.NOTES

KINDS: dict[str, Kind] = {
    "request_sent": Kind(_R, N_("Sent their request"), Knows.ITS_PERSON),
    "answers_sent": Kind(_R, N_("Sent their answers, as the invited partner"), Knows.ITS_PERSON),
    "part_sent": Kind(_R, N_("Sent the part before the session"), Knows.ITS_PERSON),
    "corrected": Kind(_R, N_("Corrected what they had sent"), Knows.ITS_PERSON, Needs.CLINICAL),
    "corrected_for": Kind(_R, N_("Had their answers corrected by us"), Knows.ITS_PERSON, Needs.CLINICAL),
    "accepted": Kind(_R, N_("Request accepted"), Knows.ITS_PERSON),
    "declined": Kind(_R, N_("Request declined"), Knows.ITS_PERSON),
    "referred_out": Kind(_R, N_("Request referred out"), Knows.ITS_PERSON),
    "withdrawn": Kind(_R, N_("Request taken back"), Knows.ITS_PERSON),
    "answers_read": Kind(_R, N_("Answers as the invited partner noted as read"), Knows.STAFF),
    "asked": Kind(_R, N_("Asked for something"), Knows.ITS_PERSON, Needs.CLINICAL),
    "asked_answered": Kind(_R, N_("Answered what was asked"), Knows.ITS_PERSON, Needs.CLINICAL),
    "call_offered": Kind(_R, N_("Offered a call alone"), Knows.ITS_PERSON, Needs.CLINICAL),
    "call_noted": Kind(_R, N_("The call alone took place"), Knows.STAFF, Needs.CLINICAL),
    "invited": Kind(_T, N_("Invited somebody"), Knows.ITS_PERSON),
    "invitation_withdrawn": Kind(_T, N_("Took an invitation back"), Knows.ITS_PERSON),
    "invitation_declined": Kind(_T, N_("Their invitation was declined"), Knows.STAFF),
    "joined": Kind(_T, N_("The two came together"), Knows.BOTH),
    "parted": Kind(_T, N_("The two don’t come together any more"), Knows.BOTH),
    "paused": Kind(_T, N_("Paused joint sessions"), Knows.ITS_PERSON),
    "resumed": Kind(_T, N_("Ended their pause"), Knows.ITS_PERSON),
    "time_taken": Kind(_S, N_("Took a time"), Knows.ITS_PERSON),
    "time_kept": Kind(_S, N_("A time was kept for them"), Knows.ITS_PERSON),
    "session_booked": Kind(_S, N_("Session booked"), Knows.WHO_COMES),
    "session_moved": Kind(_S, N_("Session moved"), Knows.WHO_COMES),
    "session_ended": Kind(_S, N_("Session cancelled"), Knows.WHO_COMES),
    "session_called_off": Kind(_S, N_("Session called off"), Knows.WHO_COMES),
    "time_let_go": Kind(_S, N_("A time was let go before it stood"), Knows.ITS_PERSON),
    "session_attended": Kind(_S, N_("Session took place"), Knows.STAFF),
    "session_missed": Kind(_S, N_("Session missed"), Knows.STAFF),
    "letter": Kind(_L, N_("Letter"), Knows.ITS_PERSON),
    "paid": Kind(_M, N_("Paid"), Knows.ITS_PERSON, Needs.MONEY),
    "fee_paid": Kind(_M, N_("Paid a fee"), Knows.ITS_PERSON, Needs.MONEY),
    "refund": Kind(_M, N_("Refund"), Knows.ITS_PERSON, Needs.MONEY),
    "fee_decided": Kind(_M, N_("Fee decided on"), Knows.ITS_PERSON, Needs.MONEY),
    "fee_dropped": Kind(_M, N_("Fee dropped"), Knows.ITS_PERSON, Needs.MONEY),
    "agreed": Kind(_C, N_("Agreed"), Knows.ITS_PERSON),
    "agreement_withdrawn": Kind(_C, N_("Took an agreement back"), Knows.ITS_PERSON),
    "flag_cleared": Kind(_F, N_("A flag was cleared"), Knows.STAFF, Needs.CLINICAL),
    "joint_time_cleared": Kind(_F, N_("Joint time was cleared"), Knows.STAFF, Needs.CLINICAL),
    "clearing_taken_back": Kind(_F, N_("The clearing was taken back"), Knows.STAFF, Needs.CLINICAL),
    "session_converted": Kind(_F, N_("A clinician called a session off"), Knows.STAFF, Needs.CLINICAL),
    "note_drafted": Kind(_N, N_("Note begun, not signed"), Knows.STAFF, Needs.CLINICAL),
    "note_signed": Kind(_N, N_("Note signed"), Knows.STAFF, Needs.CLINICAL),
    "note_added_to": Kind(_N, N_("Addendum signed"), Knows.STAFF, Needs.CLINICAL),
}
"""Every kind of entry."""
