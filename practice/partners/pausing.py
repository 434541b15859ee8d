"""Pausing joint sessions, and leaving. Part of what changes who comes with whom; each runs in its caller's work."""

from __future__ import annotations

from sqlalchemy import select

from practice.audit import record
from practice.booking.actions import lock
from practice.booking.attending import find_for_two
from practice.booking.calling_off import call_off
from practice.couples import Couple, lock_couple, part_couple, rest_couple, wake_couple
from practice.errors import Conflict
from practice.languages import N_
from practice.partners.actions import take_step
from practice.partners.lifecycle import Step
from practice.partners.messages import PartnerLeft
from practice.partners.models import Invitation, PartnerStanding, Pause
from practice.people import Person
from practice.sealing import vault
from practice.tokens import reference
from practice.work import Work


class NotInACouple(Conflict):
    """They come with nobody at the moment."""

    title = N_("You come with nobody at the moment")
    way_out = N_("Your page says how things stand.")


def pause(work: Work, person: Person, reason: str) -> None:
    """Have joint sessions rest. Those that are coming end without any fee, and all that was paid goes back.

    The reason, which may be empty, is for clinicians alone. Pausing again changes nothing.

    :raises NotInACouple: when they come with nobody.
    """
    couple = lock_couple(work, person.id)
    if couple is None:
        raise NotInACouple
    if _own_pause(work, person.id) is not None:
        return
    row = Pause(reference=reference("ps"), couple_id=couple.id, person_id=person.id, paused_at=work.now)
    if reason:
        row.reason_sealed = vault().seal(person.id, reason, table="partner_pause", row=row.reference, column="reason")
    work.session.add(row)
    rest_couple(work, couple)
    for member in couple.members:
        take_step(work, member.person_id, Step.PAUSE)
    actor = f"client:{person.reference}"
    for named in find_for_two([member.person_id for member in couple.members], work.now):
        booking = lock(work, named)
        call_off(work, booking, actor)
        record(work, actor, "session_called_off", named)
    record(work, actor, "paused", couple.reference)


def resume(work: Work, person: Person) -> None:
    """Take one's own pause back. While the other one pauses too, joint sessions go on resting."""
    couple, own = lock_couple(work, person.id), _own_pause(work, person.id)
    if couple is None or own is None:
        return
    own.ended_at = work.now
    work.session.flush()
    record(work, f"client:{person.reference}", "resumed", couple.reference)
    if _open_pauses(work, couple):
        return
    wake_couple(work, couple)
    for member in couple.members:
        take_step(work, member.person_id, Step.RESUME)


def leave(work: Work, person: Person) -> None:
    """End coming together. Each keeps the sessions that they booked, their answers and their page.

    :raises NotInACouple: when they come with nobody.
    """
    couple = lock_couple(work, person.id)
    if couple is None:
        raise NotInACouple
    _end(work, couple, person)
    record(work, f"client:{person.reference}", "left", couple.reference)


def forget(work: Work, person: Person) -> None:
    """Erase what is kept of somebody who was forgotten; whoever came with them hears that their page changed."""
    couple = lock_couple(work, person.id)
    if couple is not None:
        _end(work, couple, person)
    for invitation in work.session.scalars(select(Invitation).where(Invitation.person_id == person.id)).all():
        invitation.address_sealed = invitation.code_hash = None
        if invitation.joined_at is None:
            invitation.withdrawn_at = invitation.withdrawn_at or work.now
    for one in work.session.scalars(select(Pause).where(Pause.person_id == person.id)).all():
        one.reason_sealed = None
    row = work.session.get(PartnerStanding, person.id)
    if row is not None:
        work.session.delete(row)
    work.session.flush()


def _end(work: Work, couple: Couple, person: Person) -> None:
    for one in _open_pauses(work, couple):
        one.ended_at = work.now
    for member in couple.members:
        take_step(work, member.person_id, Step.LEAVE)
    wake_couple(work, couple)
    part_couple(work, couple)
    work.post(PartnerLeft(couple.reference, person.reference))


def _own_pause(work: Work, person_id: int) -> Pause | None:
    found = select(Pause).where(Pause.person_id == person_id, Pause.ended_at.is_(None)).with_for_update()
    return work.session.scalars(found).one_or_none()


def _open_pauses(work: Work, couple: Couple) -> list[Pause]:
    found = select(Pause).where(Pause.couple_id == couple.id, Pause.ended_at.is_(None))
    return list(work.session.scalars(found.order_by(Pause.id)))
