"""What the demo's clients answer before their session: page by page through the same actions as anybody."""

from __future__ import annotations

from practice.intake import actions, completing
from practice.intake.lanes import MAY_RAISE, ONLY_THERAPIST, TALK_FIRST, laned_fields
from practice.intake.questions import Answer
from practice.intake.session_part import open_session_part
from practice.people import Person
from practice.work import begin_work

SAID: dict[str, Answer] = {
    "pronouns": "", "relationship_status": "living_together", "together_length": "y4_9",
    "living_arrangement": "together", "agreement_type": "exclusive", "children_home": ("u5",),
    "breach_last_when": "w2_m3", "discovery_how": "bit_by_bit", "breach_ongoing": "ended", "impact_now": "3",
    "breach_story": "I found out in pieces, over a whole spring. What I can’t put down is not what happened, but how "
    "often I asked, and was told that I was imagining things.",
    "step1_named": "2", "step2_talked": "1", "step3_owned": "2", "step4_heard": "1", "step5_apology": "0",
    "step6_change": "not_sure", "trust_now": "3", "trust_self_seen": "6",
    "next_small_sign": "The Sunday walk, whatever the week was like",
    "barriers_me": ("loop", "check"), "barriers_us": ("avoid", "shut_down"),
    "lean": "3", "goals_concrete": ("full_picture", "follow_through"),
    "goals_own_words": "We could sit in the kitchen again without listening for what isn’t said.",
    "prior_therapy": ("individual",), "prior_helped": "Somebody who waited for the end of a sentence",
    "substance_concern": "no", "length_pref": "m80", "therapist_pref": "", "court_involved": "no",
    "own_force": "no", "harm_other": "no",
}  # fmt: skip
LANES = {
    "breach_story": TALK_FIRST,
    "discovery_how": ONLY_THERAPIST,
    "goals_own_words": MAY_RAISE,
    "goals_concrete": MAY_RAISE,
    "next_small_sign": MAY_RAISE,
}


def answer_more(person_id: int, until: int | None) -> None:
    """Answer the pages before the session: so many, or, with None, all, and send them."""
    with begin_work() as work:
        person = work.session.get_one(Person, person_id)
        part = open_session_part(person)
        if part is None:
            raise LookupError(f"nothing is asked of {person.reference}")
        answers: dict[str, Answer] = {**part.answers, **SAID, "breach_main": part.answers["breach_types"][0]}
        shown = part.questionnaire.shown(answers)
        for page in part.pages[:until]:
            said = {field.name: answers.get(field.name, field.empty) for field in page.fields if field.name in shown}
            lanes = {field.name: LANES.get(field.name, ONLY_THERAPIST) for field in laned_fields(page)}
            actions.save_page(work, part.intake.reference, page, said, lanes=lanes)
        if until is None:
            completing.complete(work, part.intake.reference)
