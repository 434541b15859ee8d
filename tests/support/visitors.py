"""Everybody who may come to an address: strangers, two clients who don't know each other, and all of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select

from practice.booking.offers.models import Resource, Room
from practice.booking.offers.queries import get_therapist
from practice.calendars.actions import add_feed
from practice.calendars.models import Detail
from practice.intake.models import Intake
from practice.partners.actions import invite_by_code, make_way_in
from practice.partners.queries import find_open
from practice.people import Person, make_link
from practice.work import Work, begin_work
from tests.support import staff
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.couples import practice_couple
from tests.support.intake import send
from tests.support.story import Client, Held, Practice


class Who(StrEnum):
    """A kind of visitor. The first client has a session for two with Ada, the second one with nobody yet.

    The partner comes along with the first, and booked nothing. The first client's request is the clinician's; the other
    clinician has nothing to do with any of them.
    """

    STRANGER = "stranger"
    CLIENT = "client"
    OTHER_CLIENT = "other client"
    PARTNER = "partner"
    ADA = "her therapist"
    NOOR = "another therapist"
    COORDINATOR = "coordinator"
    CLINICIAN = "clinician"
    COLLEAGUE = "another clinician"
    OWNER = "owner"


@dataclass
class House:
    """A practice full of people: a browser for each visitor, and what belongs to the first client."""

    practice: Practice
    browsers: dict[Who, Browser]
    held: Held
    confirmed: Held
    intake: str
    others_booking: Held
    return_token: str
    invite_token: str  # of the second client
    feed: str
    feed_token: str


def fill(practice: Practice) -> House:
    """The first client has an intake, a confirmed session and a held one; the second an intake and a held session."""
    browsers = {Who.STRANGER: practice.browser(), Who.CLIENT: practice.browser(), Who.OTHER_CLIENT: practice.browser()}
    first = _arrive(practice, browsers[Who.CLIENT], "robin@mail.example")
    other = _arrive(practice, browsers[Who.OTHER_CLIENT], "kim@mail.example")
    partner = practice.new_client()
    practice_couple(practice, inviter=first, invited=partner)
    browsers[Who.PARTNER] = practice.browser(partner)
    confirmed = practice.hold(MONDAY_NINE, first)
    practice.confirm(confirmed)
    held = practice.hold(MONDAY_TEN, first)
    others = practice.hold(MONDAY_NINE + timedelta(hours=3), other, therapist="noor-haddad")  # nine in Los Angeles
    theirs = staff.hire(practice, "clinician", email="clinician-desk@practice.example")
    browsers |= {
        Who.ADA: staff.desk(practice, "therapist", therapist="ada-lindqvist"),
        Who.NOOR: staff.desk(practice, "therapist", therapist="noor-haddad"),
        Who.COORDINATOR: staff.desk(practice, "coordinator"),
        Who.CLINICIAN: staff.sign_in(practice, theirs),
        Who.COLLEAGUE: staff.sign_in(practice, staff.hire(practice, "clinician", email="colleague@practice.example")),
        Who.OWNER: staff.desk(practice, "owner"),
    }
    with practice.app.app_context(), begin_work() as work:
        feed, feed_token = add_feed(work, get_therapist("ada-lindqvist"), "Phone", Detail.SESSION)
        person = work.session.get_one(Person, first.person_id)
        lamp_room = {"slug": "lamp-room", "name": "Lamp room", "address": "1 Quay Street", "seats": 2}
        work.session.add(Room(resource=Resource(kind="room"), **lamp_room))  # nobody meets there yet
        sent = work.session.scalars(select(Intake).where(Intake.person_id == first.person_id)).one()
        sent.owner, intake = theirs.actor, sent.reference
        return House(
            practice=practice,
            browsers=browsers,
            held=held,
            confirmed=confirmed,
            intake=intake,
            others_booking=others,
            return_token=make_link(work, person, "return"),
            invite_token=_invite(work, work.session.get_one(Person, other.person_id)),
            feed=feed.reference,
            feed_token=feed_token,
        )


def _invite(work: Work, person: Person) -> str:
    invite_by_code(work, person)
    [invitation] = find_open(person.id, work.now)
    return make_way_in(work, invitation)


def _arrive(practice: Practice, browser: Browser, email: str) -> Client:
    with practice.app.app_context(), begin_work() as work:
        before = set(work.session.scalars(select(Person.id)))
    assert send(browser, email=email).status_code == 302
    with practice.app.app_context(), begin_work() as work:
        [person] = [one for one in work.session.scalars(select(Person)) if one.id not in before]
        return Client(person.id, person.reference, "Robin", email)
