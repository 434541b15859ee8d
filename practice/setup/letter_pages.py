"""The owner's pages for the letters: what each says, the practice's own words, looking at them and publishing them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.booking.offers.queries import find_therapists
from practice.errors import PracticeError
from practice.languages import LANGUAGES
from practice.limits import limiter
from practice.notify.checking import Problem, empty_of
from practice.notify.letters import Letter
from practice.notify.messages import SendSample
from practice.notify.neutral import worries_of
from practice.notify.own_wording import actions
from practice.notify.own_wording.queries import (
    OwnLetter,
    find_unusable,
    list_editions,
    list_letters,
    read_letter,
)
from practice.notify.rendering import render
from practice.notify.samples import cases_of, sample
from practice.notify.wording import PLACEHOLDERS
from practice.presenting import local_datetime
from practice.profile import profile
from practice.settings import settings
from practice.setup import queries
from practice.setup.letter_forms import MarkForm, PublishForm, SampleForm, WordsForm, say_problem, words_form
from practice.setup.routes import page_of
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.staff.models import OWNER, StaffAccount
from practice.staff.noticing import Notice
from practice.staff.queries import signed_in
from practice.work import Work, begin_work

bp = Blueprint("letters", __name__, url_prefix="/staff/setup/letters")


@dataclass(frozen=True)
class Shown:
    """One way in which a letter may come out, in one language, as HTML would show it and as text."""

    case: str
    label: str
    language: str
    letter: Letter
    text: str


@bp.get("")
@staff(OWNER)
def overview() -> ResponseReturnValue:
    return page_of("setup/letters.html", letters=list_letters(), unusable={one.key for one in find_unusable()})


@bp.route("/<key>", methods=["GET", "POST"])
@staff(OWNER)
def letter(key: str) -> ResponseReturnValue:
    stands = read_letter(key)
    form = words_form(stands.entry, stands.draft, stands.mark)
    if not form.is_submitted():
        return _page(stands, form)
    if not form.validate():
        return _page(stands, form), 422
    actor, words, seen = signed_in().actor, form.words(), form.seen.data or ""
    try:
        with begin_work() as work:
            actions.save_draft(work, actor, key, words, seen=seen)
    except actions.WordsDontFit as refusal:
        form.show(refusal.problems)
        return _page(stands, form), 422
    except actions.DraftChanged as lost:
        now = read_letter(key)
        form.seen.data = form.seen.raw_data = None
        form.seen.process_data(now.mark)
        return _page(now, form, lost=lost), 409
    return redirect(url_for("letters.preview", key=key))


@bp.get("/<key>/preview")
@staff(OWNER)
def preview(key: str) -> ResponseReturnValue:
    stands = read_letter(key)
    return _preview_page(stands, PublishForm(formdata=None, seen=stands.mark))


@bp.post("/<key>/publish")
@staff(OWNER)
def publish(key: str) -> ResponseReturnValue:
    read_letter(key)
    form, actor = PublishForm(), signed_in().actor
    if not form.validate():
        return _preview_page(read_letter(key), form), 422
    try:
        with begin_work() as work:
            actions.publish(work, actor, key, seen=form.seen.data or "")
    except (actions.DraftChanged, actions.WordsDontFit, actions.NothingToPublish) as refused:
        stands = read_letter(key)
        return _preview_page(stands, PublishForm(formdata=None, seen=stands.mark), lost=refused), refused.status
    flash(_("Published in both languages. Letters that are written from now on say it so."))
    return redirect(url_for("letters.letter", key=key))


@bp.post("/<key>/discard")
@staff(OWNER)
def discard(key: str) -> ResponseReturnValue:
    def forget(work: Work, actor: str, seen: str) -> None:
        actions.discard(work, actor, key, seen=seen)

    said = _("The draft is gone. What goes out stays as it is.")
    return _press(key, forget, said, url_for("letters.letter", key=key))


@bp.post("/<key>/restore/<int:number>")
@staff(OWNER)
def restore(key: str, number: int) -> ResponseReturnValue:
    def go_back(work: Work, actor: str, seen: str) -> None:
        actions.restore(work, actor, key, number, seen=seen)

    then = url_for("letters.preview", key=key)
    return _press(key, go_back, _("These words are the draft now. Look at them, then publish them."), then)


@bp.post("/<key>/sample")
@staff(OWNER)
@limiter.limit("60 per hour")
def send_sample(key: str) -> ResponseReturnValue:
    """Mail one of the ways in which it may come out, with made-up values, to whoever asks, and to nobody else."""
    stands, account_id = read_letter(key), signed_in().id
    form = SampleForm()
    form.case.choices = [(case, label) for case, label in cases_of(stands.entry, current_language()).items()]
    if not form.validate():
        return _preview_page(stands, PublishForm(formdata=None, seen=stands.mark)), 422
    with begin_work() as work:
        since = work.now.isoformat()
        work.post(SendSample(key, form.language.data, form.case.data, account_id, since))
    flash(_("It is on its way to your own address, with made-up values."))
    return redirect(url_for("letters.preview", key=key))


def what_cant_be_said(account: StaffAccount, _now: datetime) -> list[Notice]:
    """A line of the page Today for each letter whose own words can't be used, so that the shipped ones go out."""
    if not account.is_any_of(OWNER):
        return []
    return [
        Notice(
            _(
                "Your own words of a letter (%(subject)s) don’t fit any more; it goes out in ours.",
                subject=entry.shipped[current_language()]["subject"],
            ),
            url_for("letters.letter", key=entry.key),
            _("Mend them"),
            presses=True,
        )
        for entry in find_unusable()
    ]


def _press(key: str, act: Callable[[Work, str, str], None], words: str, then: str) -> ResponseReturnValue:
    form, actor = MarkForm(), signed_in().actor
    try:
        with begin_work() as work:
            act(work, actor, form.seen.data or "")
    except actions.DraftChanged as lost:
        stands = read_letter(key)
        return _page(stands, _as_it_stands(stands), lost=lost), 409
    flash(words)
    return redirect(then)


def _as_it_stands(stands: OwnLetter) -> WordsForm:
    return words_form(stands.entry, stands.draft, stands.mark, formdata=None)


def _page(stands: OwnLetter, form: WordsForm, lost: PracticeError | None = None) -> str:
    zone, entry = profile().zone, stands.entry
    return page_of(
        "setup/letter.html",
        own=stands,
        entry=entry,
        told=entry.told_in(current_language()),
        form=form,
        rows=[[form[f"{language}_{field}"] for language in LANGUAGES] for field in entry.fields],
        placeholders=[(f"{{{name}}}", _(PLACEHOLDERS[name])) for name in entry.placeholders],
        lost=lost,
        **_changed(stands),
        history=[
            (one, queries.name_of(one.published_by), local_datetime(one.published_at, zone))
            for one in list_editions(entry.key)
        ],
    )


def _preview_page(stands: OwnLetter, form: PublishForm, lost: PracticeError | None = None) -> str:
    entry = stands.entry
    names = {name for one in find_therapists() for name in (one.name, one.name.rpartition(" ")[2])} | {profile().name}
    worries = {one: worries_of(entry, stands.draft[one], sorted(names)) for one in LANGUAGES}
    return page_of(
        "setup/letter_preview.html",
        own=stands,
        entry=entry,
        told=entry.told_in(current_language()),
        form=form,
        languages=LANGUAGES,
        shown=[
            [_shown(stands, case, label, language) for language in LANGUAGES]
            for case, label in cases_of(entry, current_language()).items()
        ],
        worries=_said(stands, worries),
        empty=_said(stands, {one: empty_of(entry, stands.draft[one]) for one in LANGUAGES}),
        lost=lost,
        **_changed(stands),
    )


def _said(stands: OwnLetter, problems: dict[str, list[Problem]]) -> list[str]:
    return [say_problem(one, language, stands.entry) for language, found in problems.items() for one in found]


def _shown(stands: OwnLetter, case: str, label: str, language: str) -> Shown:
    letter = sample(stands.entry, stands.draft[language], language, case, f"{settings().base_url}/schedule")
    return Shown(case, label, language, letter, render(letter).text)


def _changed(stands: OwnLetter) -> dict[str, str]:
    if stands.changed_at is None:
        return {"changed_by": "", "changed_at": ""}
    return {
        "changed_by": queries.name_of(stands.changed_by),
        "changed_at": local_datetime(stands.changed_at, profile().zone),
    }
