"""What becomes of every table that leads to a person, once that person is erased: docs/privacy.md shows it. Pure.

A test erases two people of whom everything is kept, and looks into each of these tables.
"""

from __future__ import annotations

GOES = {
    "access_copy": "the record that was handed over to them",
    "access_review": "what a clinician decided of it, and why",
    "agreed_fees": "what somebody agreed to pay for coming late or not at all",
    "answer_correction": "what their answers were before they were corrected",
    "client_session": "the browsers that they were signed in with",
    "consent": "what they agreed to, in which version",
    "contact_change": "how they were reached before",
    "diagnosis": "diagnoses",
    "eligibility": "what they may book",
    "flag_decision": "what clinicians decided about flags of their answers alone",
    "intake_answers": "answers, and who may speak of each",
    "mailed_link": "links that were mailed to them",
    "mailed_object": "to which address, as a hash, an appointment went",
    "note": "notes about them alone",
    "note_addendum": "what was added to these",
    "note_version": "what these said each time that they were saved",
    "partner_standing": "how they stand with whoever comes with them",
    "person_key": "the key of all that is sealed",
    "place_wish": "a wish for a license where they are",
    "price_agreement": "which prices were agreed with them, and why",
    "pulse_answer": "what they answered on the short pages",
    "pulse_course": "since when they had these pages",
    "return_code": "the code to come back with",
    "review_step": "what they were asked, offered and told about a request, and what they answered",
    "stopped_letters": "which letters they had stopped",
    "urgent_notice": "that a clinician was called to their answers",
    "wish": "what they waited for",
    "wish_offer": "what was offered to them meanwhile",
}
"""Tables of which no row of that person is left."""

STAYS = {
    "access_request": "that their record was asked for, and when; why it took longer can’t be opened any more",
    "booking": "times, sums and states, for the books",
    "calendar_question": "that a session was moved or deleted in a therapist’s own calendar, and when; not whose",
    "cancellation_override": "the terms on which staff cancelled; why can’t be opened any more",
    "clearance_reading": "that answers were read, and when; not which",
    "collision": "that a session met a time in its therapist’s own calendar",
    "conversion": "that a session was called off; why can’t be opened any more",
    "couple_member": "that two people came together, by number; the other is one of them",
    "dispute": "sums and states, for the books",
    "erasure_request": "that it was asked for; what was answered can’t be opened any more",
    "fee": "sums and states, for the books",
    "fee_consent": "which words a fee rested on; the card is forgotten",
    "feed_entry": "a time and the word “Session” in a therapist’s calendar",
    "glass_grant": "that a clinician opened what wasn’t theirs, and when; why can’t be opened any more",
    "intake": "when it was sent and decided; no answer, and no flag",
    "legal_hold": "that a hold stood, and when; why can’t be opened any more",
    "money_decision": "sums, for the books; why can’t be opened any more",
    "paper": "numbers and sums; receipts, invoices and credit notes can be read until their own time is over",
    "partner_invitation": "that somebody was invited, and when; not whom",
    "partner_pause": "from when until when joint sessions rested; not why",
    "payment_attempt": "sums and states, for the books",
    "person": "a random reference and nothing else",
    "pushed_session": "that a session stands, or stood, in a therapist’s own calendar: a time, nothing else",
    "refund": "sums and states, for the books",
    "slot_claim": "a booking’s time",
    "waiver": "that a late cancellation was let pass",
    "withdrawal_request": "that a session was asked for within the time of withdrawal",
}
"""Tables whose rows stay, with what they still say."""
