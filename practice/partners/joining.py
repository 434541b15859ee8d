"""Joining by an invitation, and declining it. Part of what changes who comes with whom; in its caller's work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from practice.audit import record
from practice.couples import form_couple
from practice.errors import Conflict
from practice.intake.actions import save_page, start_partner_draft
from practice.intake.queries import find_submitted
from practice.intake.questions import Answers, Page
from practice.languages import DEFAULT, N_
from practice.partners.actions import close_links, lock_open, take_back, take_step
from practice.partners.lifecycle import Standing, Step
from practice.partners.messages import PartnerJoined
from practice.partners.models import Invitation, PartnerStanding
from practice.partners.queries import InvitationOver, get_invitation, is_open, standing_of
from practice.people import Person, add_person
from practice.work import Work


class OwnInvitation(Conflict):
    """Whoever invited can’t be who was invited."""

    title = N_("This invitation is your own")
    way_out = N_("Give it to whoever you would like to come with you, or take it back on your page.")


class NewPerson(NamedTuple):
    """Somebody who comes along: what each page asked and they said, their code's hash, zone and language."""

    said: Sequence[tuple[Page, Answers]]
    code_hash: str
    zone: str
    language: str = DEFAULT


def decline(work: Work, token: str) -> None:
    """Note that somebody would rather not come. Nobody but staff learns it, and the link goes on working.

    :raises NotFound: for an unknown link.
    :raises InvitationOver: when it is over.
    """
    invitation = lock_invitation(work, token)
    if invitation.declined_at is not None:
        return
    invitation.declined_at = work.now
    if standing_of(invitation.person_id) is Standing.INVITED:
        take_step(work, invitation.person_id, Step.DECLINE)
    record(work, "invited", "invitation_declined", invitation.reference)


def join_as_new(work: Work, token: str, newcomer: NewPerson) -> Person:
    """Come along as somebody who was never here, with a draft of the questions that an invited partner is asked.

    :raises NotFound: for an unknown link.
    :raises InvitationOver: when it is over.
    :raises AlreadyInACouple: when the inviter comes with somebody by now.
    """
    invitation = lock_invitation(work, token)
    person = add_person(work, newcomer.zone, newcomer.language)
    _join(work, invitation, person)
    draft = start_partner_draft(work, person)
    for page, answers in newcomer.said:
        save_page(work, draft.reference, page, answers, newcomer.code_hash)
    return person


def join_as_client(work: Work, token: str, person: Person) -> None:
    """Come along as somebody who has been here, with what they answered and booked.

    :raises NotFound: for an unknown link.
    :raises InvitationOver: when it is over.
    :raises OwnInvitation: when it is theirs.
    :raises AlreadyInACouple: when one of the two comes with somebody already.
    """
    invitation = lock_invitation(work, token)
    if invitation.person_id == person.id:
        raise OwnInvitation
    _join(work, invitation, person)
    if find_submitted(person) is None:
        start_partner_draft(work, person)


def lock_invitation(work: Work, token: str) -> Invitation:
    """The open invitation of a link, locked until the work ends: of two who use it, one comes first.

    :raises NotFound: for an unknown token, or one of another purpose.
    :raises InvitationOver: when it is over.
    """
    known = get_invitation(token).id
    locked = select(Invitation).where(Invitation.id == known, is_open(work.now)).with_for_update(of=Invitation)
    invitation = work.session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if invitation is None:
        raise InvitationOver
    return invitation


def _join(work: Work, invitation: Invitation, person: Person) -> None:
    couple = form_couple(work, invitation.person, person)
    invitation.joined_at = work.now
    invitation.couple_id = couple.id
    close_links(work, [invitation])
    for one in (invitation.person, person):
        # The row says by now that they are in a couple; the table wants to know how they stood before.
        for other in lock_open(work, one.id):
            take_back(work, other)
        _join_one(work, one.id)
    record(work, f"client:{person.reference}", "joined", couple.reference)
    work.post(PartnerJoined(couple.reference))


def _join_one(work: Work, person_id: int) -> None:
    if work.session.get(PartnerStanding, person_id) is None:
        work.session.add(
            PartnerStanding(person_id=person_id, state=Standing.NOBODY, shares_progress=False, changed_at=work.now)
        )
        work.session.flush()
    take_step(work, person_id, Step.JOIN)
