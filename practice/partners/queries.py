"""What partners read: invitations, and how somebody stands with whoever comes with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from practice.clock import clock
from practice.couples import find_couple, find_partner
from practice.database import db
from practice.erasing import is_held
from practice.errors import Gone
from practice.intake.models import Intake
from practice.intake.queries import codes_of, find_request
from practice.intake.steps import AS_TWO
from practice.languages import N_
from practice.partners.lifecycle import COUPLED, Standing
from practice.partners.messages import INVITE
from practice.partners.models import BY_MAIL, Invitation, PartnerStanding, Pause
from practice.people import MailedLink, Person, contact_of, get_link
from practice.sealing import blind_index, vault

INVITATION_LIFE = timedelta(days=14)
MOST_SENT = 3
"""How many letters, and how many codes, one person may have made within INVITATION_LIFE."""
ADDRESS_KEPT = timedelta(days=30)
"""How long the address of an invitation is kept after it has run out."""
KNOWS_FIELD, KNOWS = "partner_knows", "yes"


class InvitationOver(Gone):
    """It was used, taken back, or has run out; which of these, it doesn't say."""

    title = N_("This invitation doesn’t work any more")
    way_out = N_("Whoever gave it to you can give you another. Nobody is told that you opened it.")


@dataclass(frozen=True)
class OwnSide:
    """What somebody sees of whoever comes with them, on their own page.

    Nothing of it depends on what the other answered or did alone. Of an invitation it says until when it is good,
    whether it was declined or not. `others_progress` is None unless both allowed it.
    """

    coupled: bool
    alone: bool
    may_invite: bool
    invited_until: datetime | None
    rests: bool
    paused: bool  # by themselves
    shares_progress: bool
    others_progress: bool | None


@dataclass(frozen=True)
class SeenByStaff:
    """The same for staff: what really became of it, and who the other is."""

    standing: Standing
    invited_until: datetime | None
    partner: Person | None
    name: str


def is_open(now: datetime) -> ColumnElement[bool]:
    """Which invitations somebody can still join by."""
    return and_(
        Invitation.withdrawn_at.is_(None),
        Invitation.joined_at.is_(None),
        Invitation.expires_at > now,
    )


def find_open(person_id: int, now: datetime) -> list[Invitation]:
    """The open invitations of one person, the one that is good longest first."""
    found = select(Invitation).where(Invitation.person_id == person_id, is_open(now))
    return list(db.session.scalars(found.order_by(Invitation.expires_at.desc(), Invitation.id.desc())))


def get_invitation(token: str) -> Invitation:
    """The open invitation that this link leads to.

    :raises NotFound: for an unknown token, or one of another purpose.
    :raises InvitationOver: when somebody joined by it, it was taken back, or has run out.
    """
    try:
        link = get_link(token, INVITE)
    except Gone:
        raise InvitationOver from None
    return _open_of(link)


def find_by_code(code: str) -> Invitation | None:
    """The open invitation that this code was made for."""
    found = select(Invitation).where(Invitation.code_hash == code_hash(code), is_open(clock().now()))
    return db.session.scalars(found).one_or_none()


def code_hash(code: str) -> bytes:
    """What is stored of a code: keyed, since so few letters could be tried out one by one."""
    return blind_index("join " + "".join(code.split()).replace("-", ""))


def address_of(invitation: Invitation) -> str | None:
    """Where the letter goes; None where it was erased, or there is none."""
    if invitation.address_sealed is None:
        return None
    return vault().open(
        invitation.person_id,
        invitation.address_sealed,
        table="partner_invitation",
        row=invitation.reference,
        column="address",
    )


def standing_of(person_id: int) -> Standing:
    """How somebody stands, as staff see it."""
    row = db.session.get(PartnerStanding, person_id)
    if row is not None:
        return row.state
    return Standing.JOINED if find_partner(person_id) is not None else Standing.NOBODY


def wishes_for_two(person: Person) -> bool:
    """Whether what somebody sent says that they hope to come with somebody."""
    sent = find_request(person)
    return sent is not None and codes_of(sent).get("attending") in AS_TWO


def said_partner_knows(person: Person) -> bool:
    """Whether a letter may be offered. Asked again each time, and shown nowhere."""
    sent = find_request(person)
    return sent is not None and codes_of(sent).get(KNOWS_FIELD) == KNOWS


def read_own_side(person: Person, now: datetime) -> OwnSide:
    """What this person sees of it."""
    couple, standing = find_couple(person.id), standing_of(person.id)
    own = db.session.get(PartnerStanding, person.id)
    sent = find_open(person.id, now)
    return OwnSide(
        coupled=couple is not None,
        alone=standing is Standing.ALONE,
        may_invite=couple is None and wishes_for_two(person),
        invited_until=sent[0].expires_at if sent else None,
        rests=couple is not None and couple.resting_since is not None,
        paused=find_pause(person.id) is not None,
        shares_progress=own is not None and own.shares_progress,
        others_progress=_others_progress(person.id),
    )


def find_pause(person_id: int) -> Pause | None:
    """This person's own pause, while it lasts."""
    return db.session.scalars(select(Pause).where(Pause.person_id == person_id, Pause.ended_at.is_(None))).one_or_none()


def read_reasons(person: Person) -> list[tuple[Pause, str]]:
    """Each pause of this person with the reason that they gave, the newest first. For clinicians alone."""
    found = select(Pause).where(Pause.person_id == person.id).order_by(Pause.id.desc())
    return [(pause, reason_of(pause)) for pause in db.session.scalars(found)]


def reason_of(pause: Pause) -> str:
    """Why somebody paused; empty where they said nothing, or were forgotten."""
    if pause.reason_sealed is None:
        return ""
    return vault().open(
        pause.person_id, pause.reason_sealed, table="partner_pause", row=pause.reference, column="reason"
    )


def read_for_staff(person: Person, now: datetime) -> SeenByStaff:
    """How somebody stands, for those who may open their intake."""
    partner, sent = find_partner(person.id), find_open(person.id, now)
    contact = contact_of(partner) if partner is not None else None
    return SeenByStaff(
        standing=standing_of(person.id),
        invited_until=sent[0].expires_at if sent else None,
        partner=partner,
        name=contact.first_name if contact is not None else "",
    )


def find_links(invitations: list[Invitation]) -> list[MailedLink]:
    """Every link that leads to one of these."""
    named = [one.reference for one in invitations]
    return list(
        db.session.scalars(select(MailedLink).where(MailedLink.purpose == INVITE, MailedLink.target.in_(named)))
    )


def count_made(person_id: int, way: str, now: datetime) -> int:
    """How many invitations of one kind somebody made within INVITATION_LIFE."""
    found = select(Invitation.id).where(
        Invitation.person_id == person_id, Invitation.way == way, Invitation.made_at > now - INVITATION_LIFE
    )
    return len(db.session.scalars(found).all())


def find_letter(reference: str, now: datetime) -> Invitation | None:
    """An invitation whose letter is still to be sent: open, by mail, and its inviter still known."""
    found = select(Invitation).where(Invitation.reference == reference, Invitation.way == BY_MAIL, is_open(now))
    invitation = db.session.scalars(found).one_or_none()
    return invitation if invitation is not None and invitation.person.contact_sealed is not None else None


def _open_of(link: MailedLink) -> Invitation:
    named = select(Invitation).where(Invitation.reference == link.target, is_open(clock().now()))
    invitation = db.session.scalars(named).one_or_none()
    if invitation is None or invitation.person.contact_sealed is None:
        raise InvitationOver
    return invitation


def _others_progress(person_id: int) -> bool | None:
    partner = find_partner(person_id)
    if partner is None:
        return None
    sides = [db.session.get(PartnerStanding, one) for one in (person_id, partner.id)]
    if not all(side is not None and side.state in COUPLED and side.shares_progress for side in sides):
        return None
    done = select(Intake.id).where(Intake.person_id == partner.id, Intake.completed_at.is_not(None))
    return db.session.scalar(done.limit(1)) is not None


def find_addresses_over(now: datetime) -> list[Invitation]:
    """The invitations that ran out so long ago that whom they went to is erased, but for somebody who is held."""
    kept = or_(Invitation.address_sealed.is_not(None), Invitation.code_hash.is_not(None))
    old = Invitation.expires_at <= now - ADDRESS_KEPT
    return list(db.session.scalars(select(Invitation).where(kept, old, ~is_held(Invitation.person_id))))
