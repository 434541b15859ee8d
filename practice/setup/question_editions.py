"""Staff's pages for the draft as a whole: look at it as clients will, publish it, go back; and instruments."""

from __future__ import annotations

import json
import math
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.errors import NotFound, PracticeError
from practice.intake import changes, editions
from practice.intake.documents import current_edition, edition_label, read_questionnaire
from practice.intake.edition_queries import list_editions, read_draft
from practice.intake.editions import DoesNotFit
from practice.intake.forms import CodeAsked, page_form
from practice.intake.instrument_files import NO_TEXT, load_instrument
from practice.intake.instruments import BadInstrument, Instrument, read_instrument
from practice.intake.questions import MOMENTS, PARTNER, Answers, Page, Questionnaire
from practice.intake.translating import names_in, place_in_words
from practice.presenting import local_datetime
from practice.profile import profile
from practice.setup import queries
from practice.setup.question_forms import KINDS, MOMENTS_INSIDE, VISIBILITIES, WHO, InstrumentForm, MarkForm
from practice.setup.question_forms import MOMENTS as MOMENT_NAMES
from practice.setup.questions import press
from practice.setup.routes import page_of
from practice.speaking import current_language, spoken
from practice.speaking import gettext as _
from practice.staff.models import CLINICIAN, OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("editions", __name__, url_prefix="/staff/questions")

MINUTES = {"book": 5, "pay": 2, "invite": 1, "session": 15}  # what a moment takes most people


@bp.route("/preview/<any(booker, partner):audience>/<moment>/<int:number>", methods=["GET", "POST"])
@staff(OWNER, CLINICIAN)
def preview(audience: str, moment: str, number: int) -> ResponseReturnValue:
    questionnaire = read_questionnaire(json.dumps(read_draft().document, ensure_ascii=False), audience)
    pages = questionnaire.pages(moment) if moment in MOMENTS else ()
    page = next((one for one in pages if one.number == number), None)
    if page is None:
        raise NotFound
    form = page_form(questionnaire, page, _as_if_answered(questionnaire, page), CodeAsked.FIRST)
    if form.is_submitted() and form.validate():
        flash(_("This page would go through. Nothing was saved."))
        if number < len(pages):
            return redirect(url_for("editions.preview", audience=audience, moment=moment, number=number + 1))
        return redirect(url_for("questions.questions"))
    shown = page_of(
        "intake/part.html",
        page=page,
        form=form,
        asked={field.name: field for field in page.fields},
        total=len(pages),
        minutes=math.ceil(MINUTES[moment] * (len(pages) - number + 1) / len(pages)),
        preview={
            "send_to": url_for("editions.preview", audience=audience, moment=moment, number=number),
            "back": url_for("editions.preview", audience=audience, moment=moment, number=number - 1)
            if number > 1
            else url_for("questions.questions"),
            "whose": _("an invited partner") if audience == PARTNER else _("the person who books"),
            "moment": _(MOMENTS_INSIDE[moment]),
        },
    )
    return shown, 422 if form.is_submitted() else 200


@bp.get("/changes")
@staff(OWNER, CLINICIAN)
def draft() -> ResponseReturnValue:
    return _draft_page()


@bp.post("/publish")
@staff(OWNER)
def publish() -> ResponseReturnValue:
    return _decide(
        "publish", _("Published. Whoever begins now is asked this; whoever began before keeps their questions.")
    )


@bp.post("/discard")
@staff(OWNER)
def discard() -> ResponseReturnValue:
    return _decide("discard", _("The draft is gone. What is published stays."))


@bp.post("/restore/<int:number>")
@staff(OWNER)
def restore(number: int) -> ResponseReturnValue:
    form, actor = MarkForm(), signed_in().actor
    try:
        with begin_work() as work:
            editions.restore(work, actor, number, seen=form.seen.data or "")
    except editions.DraftChanged as lost:
        return _draft_page(lost), 409
    flash(_("It is the draft now. Look at what changes, then publish it."))
    return redirect(url_for("editions.draft"))


@bp.route("/instruments", methods=["GET", "POST"])
@staff(OWNER, CLINICIAN)
def instruments() -> ResponseReturnValue:
    form = InstrumentForm()
    if not form.is_submitted():
        return _instruments_page(form)
    account = signed_in()
    if not account.is_any_of(OWNER):
        raise NotFound
    if not form.validate():
        return _instruments_page(form), 422
    try:
        data = load_instrument(form.file.data.stream.read().decode("utf-8"))
        with begin_work() as work:
            editions.change_draft(
                work,
                account.actor,
                lambda stands: changes.put_instrument(stands.overlay, data),
                about=f"ins_{data['id']}",
            )
    except UnicodeDecodeError:
        form.file.errors = [_(NO_TEXT)]
        return _instruments_page(form), 422
    except BadInstrument as refusal:
        form.file.errors = [spoken(refusal.sentence)]
        return _instruments_page(form), 422
    except DoesNotFit as refused:
        form.file.errors = [spoken(problem.words) for problem in refused.problems]
        return _instruments_page(form), 422
    flash(_("It is in the draft. Look at the preview; clients see it when you publish."))
    return redirect(url_for("editions.instruments"))


@bp.post("/instruments/<name>/remove")
@staff(OWNER)
def remove_instrument(name: str) -> ResponseReturnValue:
    if name not in read_draft().overlay.get("instruments", {}):
        raise NotFound
    then = url_for("editions.instruments")
    return press(lambda stands: changes.take_back(stands.overlay, "instruments", name), f"ins_{name}", then)


def _decide(what: str, words: str) -> ResponseReturnValue:
    form, actor = MarkForm(), signed_in().actor
    act: Any = editions.publish if what == "publish" else editions.discard
    try:
        with begin_work() as work:
            act(work, actor, seen=form.seen.data or "")
    except editions.DraftChanged as lost:
        return _draft_page(lost), 409
    except (editions.NothingToPublish, editions.OnlyInEnglish) as refused:
        return _draft_page(refused), 422
    flash(words)
    return redirect(url_for("editions.draft"))


def _draft_page(lost: PracticeError | None = None) -> str:
    stands, edition = read_draft(), current_edition()
    zone = profile().zone
    return page_of(
        "setup/question_changes.html",
        lost=lost,
        stands=stands,
        unsaid=[(place, place_in_words(stands.document, place)) for place in stands.unsaid],
        edition=edition,
        label=edition_label(edition.number),
        lines=changes.differences(json.loads(edition.document), stands.document),
        whats=changes.WHAT,
        names=names_in(stands.document, current_language()),
        words={"moment": MOMENT_NAMES, "who": WHO, "visibility": VISIBILITIES, "kind": KINDS},
        changed_by=queries.name_of(stands.changed_by),
        changed_at=local_datetime(stands.changed_at, zone) if stands.changed_at else "",
        history=[
            (one, queries.name_of(one.published_by), local_datetime(one.published_at, zone)) for one in list_editions()
        ],
    )


def _instruments_page(form: InstrumentForm) -> str:
    found: list[tuple[str, Instrument | None]] = []
    for name, data in read_draft().overlay.get("instruments", {}).items():
        try:
            found.append((name, read_instrument(data)))
        except BadInstrument:
            found.append((name, None))
    return page_of("setup/question_instruments.html", form=form, found=found)


def _as_if_answered(questionnaire: Questionnaire, page: Page) -> Answers:
    """Answers on earlier pages with which this one asks all that it has: whatever is chosen from there was chosen."""
    here = {field.name for field in page.fields}
    answered: dict[str, str | tuple[str, ...]] = {}
    wanted = [condition for field in page.fields for condition in field.when if condition.field not in here]
    while wanted:
        condition = wanted.pop()
        earlier = questionnaire.field(condition.field)
        wanted += [one for one in earlier.when if one.field not in answered]
        fitting = [one.code for one in earlier.options if one.code not in condition.none_of]
        chosen = tuple(code for code in fitting if not condition.any_of or code in condition.any_of)
        if chosen:
            answered.setdefault(condition.field, chosen if condition.at_least > 1 else chosen[0])
    for field in page.fields:
        if field.options_from and field.options_from not in here:
            answered[field.options_from] = tuple(one.code for one in questionnaire.field(field.options_from).options)
    return answered
