"""The demo's couples: one of whom both joined, one invitation that is open, and one that pauses."""

from __future__ import annotations

from flask import Flask

from practice.intake.actions import save_moment
from practice.intake.questions import Answer
from practice.partners import actions, joining, pausing
from practice.partners.forms import AGE, arrival_pages
from practice.partners.queries import find_open
from practice.people import Person, find_by_email
from practice.work import Work, begin_work

JOINED = (("adaeze@mail.example", "Obinna"), ("carmen@mail.example", "Ines"))
PAUSED = "carmen@mail.example"
INVITED = "lucia@mail.example"
INVITED_ADDRESS = "marta@mail.example"


def tell(app: Flask, code_hash: str) -> None:
    """Make all of it true, through the same actions as anybody."""
    for email, name in JOINED:
        with app.app_context(), begin_work() as work:
            _join(work, _find(work, email), name, code_hash)
    with app.app_context(), begin_work() as work:
        pausing.pause(work, _find(work, PAUSED), "A hard week. I would like some time first.")
    with app.app_context(), begin_work() as work:
        inviter = _find(work, INVITED)
        save_moment(work, inviter, "invite", {"partner_knows": "yes"})
        actions.invite_by_mail(work, inviter, INVITED_ADDRESS)


def _find(work: Work, email: str) -> Person:
    [person] = find_by_email(email)
    return work.session.get_one(Person, person.id)


def _join(work: Work, inviter: Person, name: str, code_hash: str) -> None:
    actions.invite_by_code(work, inviter)
    [invitation] = find_open(inviter.id, work.now)
    said: dict[str, Answer] = {
        "preferred_name": name,
        "email": f"{name.lower()}@mail.example",
        "contact_ok": ("email",),
        "others_see_messages": "no",
    }
    start, reach = arrival_pages()
    newcomer = joining.NewPerson(((start, {AGE: "yes"}), (reach, said)), code_hash, inviter.zone)
    joining.join_as_new(work, actions.make_way_in(work, invitation), newcomer)
