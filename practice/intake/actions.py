"""What changes an intake. The only writer of intake's tables; each action runs in its caller's work."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from sqlalchemy.exc import IntegrityError

from practice.audit import record
from practice.booking.eligibility import Grant, change_attendance, grant_eligibility
from practice.booking.queries import find_choices, find_eligibility
from practice.errors import Conflict, Gone, NotFound
from practice.intake.documents import HelpLines, current_document, current_questionnaire, keep_copy
from practice.intake.lanes import Lanes
from practice.intake.lines import SHIPPED, number_of, write_lines
from practice.intake.messages import RETURN, IntakeSubmitted, ReturnLinkAsked, UrgentIntake
from practice.intake.models import HelpLineList, Intake
from practice.intake.queries import (
    codes_of,
    find_licensed_regions,
    find_request,
    is_settled,
    lock_intake,
    questionnaire_of,
    sent_codes_of,
    settled_reach,
)
from practice.intake.questions import BOOKER, PARTNER, SESSION, Answers, Page, chosen_codes
from practice.intake.retention import post_next_sweep
from practice.intake.safety import is_crisis
from practice.intake.steps import BOOK, attendance_for, licence_stop, open_page, places_for
from practice.intake.storing import read_section, seal_flags, write_lanes, write_section
from practice.languages import DEFAULT, N_
from practice.people import Contact, MailedLink, Person, add_person, contact_of, get_link, save_contact, sign_in_client
from practice.sealing import blind_index
from practice.tokens import reference, token_hash
from practice.work import Work


class AlreadySent(Conflict):
    """The intake was sent; from then on it is corrected, with its history (correcting.py)."""

    title = N_("Your answers were sent already")
    way_out = N_(
        "Go on to the open times from the Schedule a session page. Your own page lets you correct what you sent."
    )


class SessionPartSent(AlreadySent):
    """The part before the session was sent."""

    way_out = N_("We have them. You can correct what you sent on your own page, under Your answers.")


class Incomplete(Conflict):
    """Something that must be answered before sending is still open."""

    title = N_("Some questions are still open")
    way_out = N_("Go on from the Schedule a session page; everything you saved is there.")


class LinesChanged(Conflict):
    """Somebody else saved help lines of the same country."""

    title = N_("Somebody changed these lines while you had them open")
    way_out = N_("Nothing that you sent was saved. Look at them as they stand now, and change them once more.")


class OpenTooLong(Gone):
    """The browser is not the client's any more: its session ended, or the draft ran out."""

    title = N_("This page was open for a long time")
    way_out = N_("The pages you saved are kept. Ask for a link on Schedule a session, and go on where you were.")


def start_draft(work: Work, person: Person | None, zone: str, language: str = DEFAULT) -> Intake:
    """Begin an intake, for this person or for a new one, who is at home in this browser from now on."""
    if person is None:
        person = add_person(work, zone, language)
        sign_in_client(work, person)
    return _start(work, person, BOOKER)


def start_partner_draft(work: Work, person: Person) -> Intake:
    """Begin the intake of somebody who was invited: all of it is asked before the session."""
    return _start(work, person, PARTNER)


def save_page(
    work: Work,
    reference: str,
    page: Page,
    answers: Answers,
    code_hash: str | None = None,
    *,
    lanes: Lanes | None = None,
) -> None:
    """Save one page's answers in place of what was saved of it before.

    `answers` are those to the fields that were shown; `code_hash` is the access code's, where a new one was chosen;
    `lanes` say who may speak of answers of this section, where the page asks.

    :raises AlreadySent: when the part that the page belongs to was sent meanwhile.
    """
    intake = _lock_draft(reference, page.moment)
    is_known, here = is_settled(intake.person), {field.name for field in page.fields}
    # What is settled isn't asked again. The page holds it all the same, so that nothing of it waits for an answer.
    answers = {**answers, **{name: said for name, said in settled_reach(intake.person).items() if name in here}}
    section = read_section(work, intake, page.section.id)
    kept = {name: value for name, value in section.items() if name not in here}
    write_section(work, intake, page.section.id, {**kept, **answers})
    if lanes:
        write_lanes(work, intake, page.section.id, lanes)
    intake.saved_at = work.now
    if page.moment == SESSION:
        intake.more_saved_at = work.now
    if code_hash is not None and not is_known:
        intake.person.code_hash = code_hash
    if "email" in answers:
        save_contact(intake.person, _contact(answers) if not is_known else more_careful(intake.person, answers))


def submit(work: Work, reference: str) -> Intake:
    """Send the intake: flags for clinicians, leave to book for the person. Sending twice changes nothing.

    :raises Incomplete: when a question is open, or nobody is licensed for the place that was answered.
    """
    intake = lock_intake(reference)
    if intake.submitted_at is not None:
        return intake
    answers = codes_of(intake)
    if (
        intake.audience != BOOKER
        or open_page(questionnaire_of(intake), answers, BOOK) is not None
        or licence_stop(answers, find_licensed_regions()) is not None
        or intake.person.code_hash is None
    ):
        raise Incomplete
    intake.submitted_at = intake.saved_at = work.now
    seal_flags(intake, sent_codes_of(intake))
    work.session.flush()
    _grant(work, intake.person, answers)
    record(work, f"client:{intake.person.reference}", "intake_submitted", intake.reference)
    work.post(IntakeSubmitted(intake.reference))
    if is_crisis(answers):
        work.post(UrgentIntake(intake.reference))
    return intake


def save_moment(work: Work, person: Person, moment: str, answers: Answers) -> None:
    """Add the answers of a later moment to the intake that this person sent last to book.

    :raises NotFound: when they never sent one.
    """
    found = find_request(person)
    if found is None:
        raise NotFound
    intake = lock_intake(found.reference)
    intake.saved_at = work.now
    for section in questionnaire_of(intake).sections:
        asked = {field.name for field in section.fields if field.moment == moment}
        said = {name: answer for name, answer in answers.items() if name in asked}
        if said:
            write_section(work, intake, section.id, {**read_section(work, intake, section.id), **said})
    work.session.flush()
    seal_flags(intake, sent_codes_of(intake))


def note_attending(work: Work, person: Person, attending: str) -> None:
    """Somebody says otherwise by now who comes: a code of the question `attending`. What they may book follows.

    Whoever was never asked who comes, such as an invited partner, stays as they are.
    """
    found = find_request(person)
    if found is None:
        return
    intake = lock_intake(found.reference)
    for section in questionnaire_of(intake).sections:
        said = read_section(work, intake, section.id)
        if "attending" in said:
            write_section(work, intake, section.id, {**said, "attending": attending})
            intake.saved_at = work.now
            change_attendance(work, person, attendance_for({"attending": attending}))


def save_lines(work: Work, actor: str, country: str, lines: HelpLines | None, *, seen: int) -> None:
    """Keep the practice's own help lines for a country; None goes back to those that ship. `seen`: number_of() it.

    :raises LinesChanged: when somebody saved meanwhile.
    """
    row = HelpLineList(country=country, number=seen + 1, document=SHIPPED if lines is None else write_lines(lines))
    row.saved_at, row.saved_by = work.now, actor
    if number_of(country) != seen:
        raise LinesChanged
    try:
        with work.session.begin_nested():
            work.session.add(row)
    except IntegrityError:
        raise LinesChanged from None
    record(work, actor, "help_lines_saved", country, {"number": row.number, "own": int(lines is not None)})


def ask_for_link(work: Work, email: str) -> None:
    """Have a link sent to whoever gave this address and chose a code; the web does the same for any address."""
    minute = work.now.astimezone(UTC).replace(second=0, microsecond=0)
    work.post(ReturnLinkAsked(blind_index(email).hex(), minute.isoformat()))


def come_back(work: Work, token: str) -> str | None:
    """Make this browser the person's whose link this is; the reference that the link leads to, if any.

    A link without a target was asked for to come back once, and is used up.

    :raises Gone: when it was used up or withdrawn meanwhile.
    """
    link = work.session.get(MailedLink, token_hash(token), with_for_update={"of": MailedLink}, populate_existing=True)
    if link is None or link.purpose != RETURN or link.revoked_at is not None or link.expires_at <= work.now:
        raise Gone
    if link.target is None:
        link.revoked_at = work.now
    sign_in_client(work, link.person)
    return link.target


def choose_code(work: Work, token: str, code_hash: str) -> None:
    """Give the person of a link their first access code.

    :raises Gone: when one was chosen meanwhile, or the link was withdrawn.
    """
    link = get_link(token, RETURN)
    person = work.session.get_one(Person, link.person_id, with_for_update=True, populate_existing=True)
    if person.code_hash is not None:
        raise Gone
    person.code_hash = code_hash


def more_careful(person: Person, answers: Answers) -> Contact:
    """How somebody is reached stays as it was, but for what they say now of who else may read it."""
    kept = contact_of(person)
    assert kept is not None  # whoever is settled has one
    return replace(kept, calendar_by_mail=kept.calendar_by_mail and answers.get("others_see_messages") == "no")


def _start(work: Work, person: Person, audience: str) -> Intake:
    keep_copy(work.session, current_document())
    intake = Intake(
        reference=reference("i"),
        person_id=person.id,
        questionnaire_hash=current_questionnaire().hash,
        audience=audience,
        started_at=work.now,
        saved_at=work.now,
        review_state="new",
    )
    work.session.add(intake)
    work.session.flush()
    post_next_sweep(work)
    return intake


def _lock_draft(reference: str, moment: str) -> Intake:
    intake = lock_intake(reference)
    if moment != SESSION and intake.submitted_at is not None:
        raise AlreadySent
    if moment == SESSION and (intake.completed_at is not None or intake.erased_at is not None):
        raise SessionPartSent
    return intake


def _contact(answers: Answers) -> Contact:
    return Contact(
        first_name=str(answers["preferred_name"]),
        email=str(answers["email"]),
        phone=str(answers.get("phone", "")),
        channels=chosen_codes(answers, "contact_ok"),
        calendar_by_mail=answers.get("others_see_messages") == "no",
    )


def _grant(work: Work, person: Person, answers: Answers) -> None:
    """Leave to book what was wished for; where nobody offers that in the wished place, in any place."""
    attendance, region = attendance_for(answers), str(answers["session_location"])
    for places in (places_for(answers), ("video", "in_person")):
        grant_eligibility(work, person, Grant(attendance, places, region))
        work.session.flush()
        eligibility = find_eligibility(person)
        if eligibility is not None and any(
            offer.attendance == attendance[0] for offer in find_choices(eligibility, work.now)
        ):
            return
