"""Notes for clinicians and treating therapists: about one person, about two together, and what waits to be signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.clearing.queries import get_couple
from practice.clock import clock
from practice.couples import Couple, find_couple
from practice.errors import Conflict, NotFound, Refused
from practice.forms import only_switches_language
from practice.notes.forms import AddendumForm, DiscardForm, NoteForm
from practice.notes.models import Note
from practice.notes.queries import get_note, list_about_couple, list_about_person, read, read_versions
from practice.people import Person, contact_of, find_person
from practice.presenting import listing
from practice.profile import profile
from practice.review import actions, note_actions
from practice.review.note_actions import may_read, may_write
from practice.speaking import gettext as _
from practice.speaking import ngettext
from practice.staff.models import CLINICIAN, OWNER, THERAPIST, StaffAccount
from practice.staff.noticing import Notice
from practice.staff.queries import signed_in
from practice.work import Work, begin_work

bp = Blueprint("notes", __name__, url_prefix="/staff/notes")

UNSIGNED_FOR = timedelta(days=1)
READERS = (OWNER, CLINICIAN, THERAPIST)


@bp.get("/")
@staff(*READERS)
def drafts() -> ResponseReturnValue:
    """What somebody wrote themselves and did not sign."""
    found = note_actions.list_own_drafts(signed_in())
    page = render_template(
        "notes/drafts.html", drafts=[(one, _name_of(one.about)) for one in found], zone=_zone(), now=clock().now()
    )
    with begin_work() as work:
        actions.note_list_viewed(work, signed_in(), "drafts", len(found))
    return page


@bp.route("/people/<reference>", methods=["GET", "POST"])
@staff(*READERS)
def about_person(reference: str) -> ResponseReturnValue:
    def page(form: NoteForm, refused: Refused | None = None) -> str:
        person = find_person(reference)
        if person is None:
            raise NotFound
        return _about_page(person, form, refused)

    return _begin(reference, note_actions.open_about_person, note_actions.begin_about_person, page)


@bp.route("/couples/<reference>", methods=["GET", "POST"])
@staff(*READERS)
def about_couple(reference: str) -> ResponseReturnValue:
    def page(form: NoteForm, refused: Refused | None = None) -> str:
        return _about_page(get_couple(reference), form, refused)

    return _begin(reference, note_actions.open_about_couple, note_actions.begin_about_couple, page)


@bp.route("/<reference>", methods=["GET", "POST"])
@staff(*READERS)
def note(reference: str) -> ResponseReturnValue:
    """One note with its history; its author saves and signs it here, while it is a draft."""
    form = NoteForm()
    if not form.is_submitted():
        return _note_page(reference, form if only_switches_language() else None)
    _opened(note_actions.open_note, reference)
    if not form.validate():
        return _note_page(reference, form), 422
    act = note_actions.sign if form.signs else note_actions.save
    try:
        with begin_work() as work:
            act(work, signed_in(), reference, form.text.data or "", seen=int(form.seen.data or 0))
    except (Conflict, Refused) as lost:
        return _note_page(reference, form, lost=lost), lost.status
    flash(_("Signed.") if form.signs else _("The draft is saved."))
    return redirect(url_for(".note", reference=reference))


@bp.post("/<reference>/addenda")
@staff(*READERS)
def add(reference: str) -> ResponseReturnValue:
    _opened(note_actions.open_note, reference)
    form = AddendumForm()
    if not form.validate_on_submit():
        return _note_page(reference, adding=form), 422
    try:
        with begin_work() as work:
            note_actions.add(work, signed_in(), reference, form.text.data or "", seen=int(form.seen.data or 0))
    except (Conflict, Refused) as lost:
        return _note_page(reference, adding=form, lost=lost), lost.status
    flash(_("Your addendum is signed."))
    return redirect(url_for(".note", reference=reference, _anchor="addenda"))


@bp.post("/<reference>/discard")
@staff(*READERS)
def discard(reference: str) -> ResponseReturnValue:
    _opened(note_actions.open_note, reference)
    form = DiscardForm()
    if only_switches_language():  # this page may hold a draft that came back from here
        return _note_page(reference, NoteForm())
    if not form.validate_on_submit():
        return _note_page(reference), 422
    try:
        with begin_work() as work:
            about = get_note(reference).about
            note_actions.discard(work, signed_in(), reference, seen=int(form.seen.data or 0))
            back = _address_of(about)
    except Conflict as lost:
        return _note_page(reference, lost=lost), lost.status
    flash(_("The draft is thrown away."))
    return redirect(back)


def what_is_unsigned(account: StaffAccount, now: datetime) -> list[Notice]:
    """A line of the page Today for whoever left a draft unsigned for a day."""
    if not account.is_any_of(*READERS):
        return []
    old = [one for one in note_actions.list_own_drafts(account) if one.written_at <= now - UNSIGNED_FOR]
    if not old:
        return []
    words = ngettext("%(num)s note of yours isn’t signed.", "%(num)s notes of yours aren’t signed.", len(old))
    return [Notice(words, url_for("notes.drafts"), _("See your drafts"), presses=True)]


def _begin(
    reference: str,
    open_it: Callable[[Work, StaffAccount, str], bool],
    begin: Callable[[Work, StaffAccount, str, str], Note],
    page: Callable[..., str],
) -> ResponseReturnValue:
    """The page of notes about somebody, or a new one: refused here, the note of somebody's try stays."""
    _opened(open_it, reference)
    form = NoteForm()
    if not form.is_submitted():
        return page(form)
    if not form.validate():
        return page(form), 422
    try:
        with begin_work() as work:
            begun = begin(work, signed_in(), reference, form.text.data or "")
            if form.signs:
                note_actions.sign(work, signed_in(), begun.reference, form.text.data or "", seen=begun.last)
            address = url_for(".note", reference=begun.reference)
    except Refused as refused:
        return page(form, refused), refused.status
    flash(_("Signed.") if form.signs else _("The draft is saved."))
    return redirect(address)


def _about_page(about: Person | Couple, form: NoteForm, refused: Refused | None) -> str:
    of_two = isinstance(about, Couple)
    listed = list_about_couple(about) if isinstance(about, Couple) else list_about_person(about)
    return render_template(
        "notes/about.html",
        name=_name_of(about),
        address=_address_of(about),
        of_two=of_two,
        notes=read(listed),
        also=_also(about),
        form=form,
        refused=refused,
        may_write=may_write(signed_in(), about),
        me=signed_in(),
        zone=_zone(),
    )


def _note_page(
    reference: str,
    form: NoteForm | None = None,
    *,
    adding: AddendumForm | None = None,
    lost: Conflict | Refused | None = None,
) -> str:
    _opened(note_actions.open_note, reference)
    found = get_note(reference)
    [seen], writes = read([found]), may_write(signed_in(), found.about)
    typed = form.text.data if form is not None else seen.text
    signed_meanwhile = form is not None and found.signed_at is not None
    added = adding.text.data if adding is not None else typed if signed_meanwhile else ""
    if form is None or lost is not None:  # what was typed is kept; what was read is what stands now
        form = NoteForm(formdata=None, seen=str(found.last), text=typed)
    if adding is None or lost is not None:
        adding = AddendumForm(formdata=None, seen=str(len(found.addenda)), text=added)
    return render_template(
        "notes/note.html",
        note=found,
        seen=seen,
        versions=read_versions(found),
        mine=writes and found.author_id == signed_in().id and found.signed_at is None,
        may_write=writes,
        name=_name_of(found.about),
        about_address=_address_of(found.about),
        form=form,
        adding=adding,
        lost=lost,
        zone=_zone(),
    )


def _opened(open_it: Callable[[Work, StaffAccount, str], bool], reference: str) -> None:
    """Note who opens this, whether they may or not.

    :raises NotFound: when they may not; the note of their try stays.
    """
    with begin_work() as work:
        allowed = open_it(work, signed_in(), reference)
    if not allowed:
        raise NotFound


def _also(about: Person | Couple) -> list[tuple[str, str]]:
    """Where else there may be notes for this reader: of the two together, or of each of them."""
    if isinstance(about, Couple):
        others: list[Person | Couple] = [one.person for one in about.members]
    else:
        couple = find_couple(about.id)
        others = [couple] if couple is not None else []
    return [(_name_of(one), _address_of(one)) for one in others if may_read(signed_in(), one)]


def _address_of(about: Person | Couple) -> str:
    where = ".about_couple" if isinstance(about, Couple) else ".about_person"
    return url_for(where, reference=about.reference)


def _name_of(about: Person | Couple) -> str:
    if isinstance(about, Couple):
        return listing([_name_of(one.person) for one in about.members])
    contact = contact_of(about)
    return contact.first_name if contact is not None else _("somebody who was forgotten")


def _zone() -> str:
    account = signed_in()
    return account.therapist.zone if account.therapist is not None else profile().zone
