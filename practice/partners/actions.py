"""What changes invitations and how somebody stands. With joining.py and pausing.py the only writer of their tables."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select

from practice.audit import record
from practice.couples import find_couple, lock_with_partner
from practice.errors import Conflict, Refused
from practice.intake.actions import note_attending
from practice.languages import N_
from practice.partners.lifecycle import Standing, Step, next_standing
from practice.partners.messages import INVITE, SendInvitation
from practice.partners.models import BY_CODE, BY_MAIL, Invitation, PartnerStanding
from practice.partners.queries import (
    INVITATION_LIFE,
    MOST_SENT,
    code_hash,
    count_made,
    find_addresses_over,
    find_links,
    find_open,
    is_open,
    said_partner_knows,
    standing_of,
    wishes_for_two,
)
from practice.people import Person, contact_of, make_link
from practice.sealing import vault
from practice.tokens import ALPHABET, reference
from practice.work import Work

CODE_LENGTH = 8  # 31^8, about 40 bits; tries are limited and counted
HALF = CODE_LENGTH // 2
ASKED = (Standing.INVITED, Standing.DECLINED)


class NothingToInviteTo(Conflict):
    """They are in a couple already, or come alone, or haven’t sent their answers."""

    title = N_("Nobody can be invited at the moment")
    way_out = N_("Your page says how things stand.")


class TooManySent(Refused):
    """So many invitations were made lately that one more would be a burden to whoever gets them."""

    title = N_("That is as many as we send within two weeks")
    way_out = N_("The one that you made last still counts. You can also call us.")


class InACouple(Conflict):
    """Who is in a couple comes alone only after leaving it."""

    title = N_("You come with somebody at the moment")
    way_out = N_("You can leave on your page first. Sessions that you booked stay yours.")


def invite_by_mail(work: Work, person: Person, address: str) -> Invitation:
    """Have a letter sent. It replaces one that was sent before. The inviter's own address is fine: some share theirs.

    :raises NothingToInviteTo: when they said that nobody knows, that they come alone, or come with somebody already.
    :raises TooManySent: when enough letters were sent.
    """
    if not said_partner_knows(person):
        raise NothingToInviteTo
    invitation = _invite(work, person, BY_MAIL)
    invitation.address_sealed = vault().seal(
        person.id, address, table="partner_invitation", row=invitation.reference, column="address"
    )
    work.session.flush()
    work.post(SendInvitation(invitation.reference))
    return invitation


def invite_by_code(work: Work, person: Person) -> str:
    """Make a code to hand over; it is not stored and can't be had again. It replaces one that was made before.

    :raises NothingToInviteTo: when they come alone, or with somebody already.
    :raises TooManySent: when enough codes were made.
    """
    invitation = _invite(work, person, BY_CODE)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    invitation.code_hash = code_hash(code)
    work.session.flush()
    return f"{code[:HALF]}-{code[HALF:]}"


def make_way_in(work: Work, invitation: Invitation) -> str:
    """The token of a new link to an invitation: for its letter, or for a browser in which its code was typed."""
    return make_link(work, invitation.person, INVITE, invitation.reference)


def withdraw(work: Work, person: Person) -> None:
    """Take every open invitation back. Doing so again changes nothing."""
    for one in lock_open(work, person.id):
        take_back(work, one)
    if standing_of(person.id) in ASKED:
        take_step(work, person.id, Step.WITHDRAW)
        record(work, f"client:{person.reference}", "invitation_withdrawn", person.reference)


def take_back_mailed(work: Work, person: Person) -> None:
    """Take the open invitations back that went out by mail, unless this person still says that the other knows."""
    if said_partner_knows(person):
        return
    opened = lock_open(work, person.id)
    mailed = [one for one in opened if one.way == BY_MAIL]
    for one in mailed:
        take_back(work, one)
    if mailed and len(mailed) == len(opened) and standing_of(person.id) in ASKED:
        take_step(work, person.id, Step.WITHDRAW)


def come_alone(work: Work, person: Person) -> None:
    """From now on they come alone; what they answered about who comes says so too.

    :raises InACouple: when they come with somebody.
    """
    opened = lock_open(work, person.id)
    if find_couple(person.id) is not None:  # also one that was formed while we waited
        raise InACouple
    for one in opened:
        take_back(work, one)
    take_step(work, person.id, Step.COME_ALONE)
    note_attending(work, person, "individual")
    record(work, f"client:{person.reference}", "comes_alone", person.reference)


def come_together(work: Work, person: Person) -> None:
    """They hope to come with somebody after all."""
    if standing_of(person.id) is not Standing.ALONE:
        return
    take_step(work, person.id, Step.COME_TOGETHER)
    note_attending(work, person, "couple_unsure")
    record(work, f"client:{person.reference}", "hopes_to_come_together", person.reference)


def share_progress(work: Work, person: Person) -> None:
    """Let the other see whether the questions before the session are done, once both allow it."""
    if find_couple(person.id) is not None:
        _row(work, person.id).shares_progress = True
        record(work, f"client:{person.reference}", "progress_shared", person.reference)


def keep_progress(work: Work, person: Person) -> None:
    """Let them see it no more."""
    _row(work, person.id).shares_progress = False
    record(work, f"client:{person.reference}", "progress_kept", person.reference)


def tidy(work: Work) -> None:
    """Note which invitations have run out, and erase the addresses of those that ran out long enough ago.

    Whatever is held stays.
    """
    asked = select(PartnerStanding.person_id).where(PartnerStanding.state.in_(ASKED))
    for person_id in work.session.scalars(asked.order_by(PartnerStanding.person_id)).all():
        if not find_open(person_id, work.now):
            take_step(work, person_id, Step.RUN_OUT)
    for invitation in find_addresses_over(work.now):
        invitation.address_sealed = invitation.code_hash = None
    work.session.flush()


def take_step(work: Work, person_id: int, step: Step) -> None:
    """Follow the table for one person.

    :raises NoSuchStep: when the table has no such step.
    """
    row = _row(work, person_id)
    row.state = next_standing(row.state, step)
    row.changed_at = work.now
    if step in (Step.JOIN, Step.LEAVE):
        row.shares_progress = False
    work.session.flush()


def _row(work: Work, person_id: int) -> PartnerStanding:
    row = work.session.get(PartnerStanding, person_id, with_for_update=True, populate_existing=True)
    if row is None:
        row = PartnerStanding(person_id=person_id, state=standing_of(person_id), changed_at=work.now)
        row.shares_progress = False
        work.session.add(row)
        work.session.flush()
    return row


def _invite(work: Work, person: Person, way: str) -> Invitation:
    lock_with_partner(work, person.id)  # two browsers of one person take turns
    if find_couple(person.id) is not None or not wishes_for_two(person) or contact_of(person) is None:
        raise NothingToInviteTo
    if count_made(person.id, way, work.now) >= MOST_SENT:
        raise TooManySent
    for one in lock_open(work, person.id):
        if one.way == way:
            take_back(work, one)
    invitation = Invitation(
        reference=reference("v"),
        person_id=person.id,
        way=way,
        made_at=work.now,
        expires_at=_good_until(work.now),
    )
    work.session.add(invitation)
    work.session.flush()
    take_step(work, person.id, Step.INVITE)
    record(work, f"client:{person.reference}", "invited", invitation.reference, {"way": way})
    return invitation


def _good_until(now: datetime) -> datetime:
    return (now + INVITATION_LIFE).replace(microsecond=0)


def lock_open(work: Work, person_id: int) -> list[Invitation]:
    """Somebody's open invitations, locked until the work ends."""
    found = select(Invitation).where(Invitation.person_id == person_id, is_open(work.now)).order_by(Invitation.id)
    return list(work.session.scalars(found.with_for_update(of=Invitation).execution_options(populate_existing=True)))


def take_back(work: Work, invitation: Invitation) -> None:
    """Nobody can join by it any more."""
    invitation.withdrawn_at = work.now
    close_links(work, [invitation])


def close_links(work: Work, invitations: list[Invitation]) -> None:
    """No link leads to these any more."""
    for link in find_links(invitations):
        link.revoked_at = link.revoked_at or work.now
    work.session.flush()
