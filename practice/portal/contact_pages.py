"""How we reach somebody: their own page to change it. Whether others see their messages is never shown there."""

from __future__ import annotations

from dataclasses import replace

from babel import Locale
from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import client
from practice.errors import NotFound
from practice.limits import limiter
from practice.notify.catalogue import ENGLISH
from practice.notify.readers import reader_of
from practice.people import BY_PHONE, Contact, Person, code_fits, contact_of, current_person, current_visitor
from practice.portal import actions
from practice.portal.forms import SAME, ContactForm
from practice.sealing import blind_index
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("contact", __name__)

WRONG = "wrong_code"


@bp.app_context_processor
def how_letters_look() -> dict[str, object]:
    """What pages need to say beforehand which subject a letter to this client will have."""
    return {"letter_subject": _subject}


def _subject(key: str) -> str:
    person = current_person()
    return reader_of(person).voice.subject(key) if person is not None else ENGLISH.subject(key)


def _visitor() -> str:
    visitor = current_visitor()
    return f"person:{visitor.person_id}" if visitor is not None else "nobody"


def _was_wrong(_response: object) -> bool:
    """Only a code that did not fit counts as a try."""
    return bool(g.get(WRONG))


@bp.route("/you/contact", methods=["GET", "POST"])
@client
@limiter.limit("5 per 15 minutes; 20 per day", key_func=_visitor, methods=["POST"], deduct_when=_was_wrong)
def contact() -> ResponseReturnValue:
    person = current_person()
    before = contact_of(person) if person is not None else None
    if person is None or before is None:
        raise NotFound
    form = ContactForm(
        first_name=before.first_name,
        email=before.email,
        phone=before.phone,
        channels=list(before.channels),
        call_times=before.call_times,
        language=person.language,
    )
    if not form.validate_on_submit() or not _may_move(form, person, before):
        page = render_template("portal/contact.html", form=form, letters_in=_other_language_of_letters(person))
        return page, 422 if form.is_submitted() else 200
    wanted = _wanted(form, before)
    with begin_work() as work:
        actions.choose_language(work, person.id, form.language.data)
        actions.change_contact(work, person.id, wanted)
    flash(_("Your contact details are saved."))
    return redirect(url_for("portal.you"))


def _other_language_of_letters(person: Person) -> dict[str, str] | None:
    """The languages of this page and of letters by their names, and the code of the latter; None where they are one."""
    here = current_language()
    if here == person.language:
        return None
    names = Locale.parse(here).languages
    return {"here": names[here], "letters": names[person.language], "code": person.language}


def _may_move(form: ContactForm, person: Person, before: Contact) -> bool:
    """Whether the address stays, or the code allows another. Slow on purpose, so before the work."""
    if blind_index(form.email.data or "") == blind_index(before.email) or code_fits(person, form.code.data or ""):
        return True
    g.wrong_code = bool(form.code.data)
    form.code.errors = [
        _("That isn’t your code. Check it and try again.")
        if form.code.data
        else _("Type your code, to change the address.")
    ]
    return False


def _wanted(form: ContactForm, before: Contact) -> Contact:
    channels = tuple(form.channels.data or ())
    by_phone = bool(BY_PHONE & set(channels))
    said = form.others.data
    return replace(
        before,
        first_name=form.first_name.data or "",
        email=form.email.data or "",
        phone=(form.phone.data or "") if by_phone else "",
        channels=channels,
        calendar_by_mail=before.calendar_by_mail if said == SAME else said == "no",
        call_times=form.call_times.data if by_phone else "",
    )
