"""Staff's pages for the questionnaire: the owner changes it, clinicians read it. Everything goes into one draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.errors import Conflict, NotFound
from practice.intake import changes, editions
from practice.intake.documents import current_edition, shipped_data
from practice.intake.edition_queries import OpenDraft, mark_of, read_draft
from practice.intake.editions import DoesNotFit, DraftChanged
from practice.intake.own_questions import OWN_PREFIX
from practice.intake.protected import CLOSED_SECTIONS, FIRST_SECTIONS, LAST_SECTION, moments_of, protection
from practice.intake.tailoring import Document, fields_of, options_of, tailor
from practice.intake.translating import Place, names_in, place_in_words, reworded, words_of
from practice.setup.question_forms import (
    KINDS,
    MOMENTS,
    OTHER_KINDS,
    SPANISH,
    VISIBILITIES,
    WHO,
    OwnForm,
    SectionForm,
    WordingForm,
    in_spanish,
    show,
    typed_of,
    wording_form,
)
from practice.setup.routes import page_of
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.staff.models import CLINICIAN, OWNER
from practice.staff.queries import signed_in
from practice.tokens import reference
from practice.work import begin_work

bp = Blueprint("questions", __name__, url_prefix="/staff/questions")

NEW = "new"  # what a form has seen of a question that isn't there yet
Change = Callable[[OpenDraft], Document]


@bp.get("")
@staff(OWNER, CLINICIAN)
def questions() -> ResponseReturnValue:
    return list_page()


@bp.route("/shipped/<name>", methods=["GET", "POST"])
@staff(OWNER)
def question(name: str) -> ResponseReturnValue:
    section, entry, document = _shipped(name)
    labels = options_of(document, entry)
    shipped = next(field for _home, field in fields_of(shipped_data()) if field["name"] == name)
    form_class = wording_form(entry, labels, moments_of(name, section, shipped["moment"]))
    given = {key: entry.get(key, "") for key in ("question", "hint", "missing", "moment")}
    given |= {f"option_{code}": label for code, label in labels.items()}
    spanish = _in_spanish(document, ("fields", name))
    given |= spanish | {"seen": mark_of([entry, spanish])}

    def page(form: WordingForm, lost: Conflict | None) -> str:
        return page_of(
            "setup/question.html",
            form=form,
            lost=lost,
            entry=entry,
            called=names_in(document, current_language()).get(entry["question"], entry["question"]),
            shipped=shipped,
            shipped_labels=options_of(shipped_data(), shipped),
            protection=protection(name, section),
            changed=name in read_draft().overlay.get("fields", {}),
        )

    def save(stands: OpenDraft, form: WordingForm) -> Document:
        words = changes.forget_stale(_shipped(name)[2], ("fields", name), form.words())
        return changes.reword_field(shipped_data(), stands.overlay, name, words)

    def stands_as() -> str:
        _home, now, draft = _shipped(name)
        return mark_of([now, _in_spanish(draft, ("fields", name))])

    return _answer(form_class, given, save, page, name, stands_as=stands_as)


@bp.route("/sections/<section>", methods=["GET", "POST"])
@staff(OWNER)
def section(section: str) -> ResponseReturnValue:
    entry = _section(section)

    def page(form: SectionForm, lost: Conflict | None) -> str:
        shipped = next(one for one in shipped_data()["sections"] if one["id"] == section)
        names = names_in(read_draft().document, current_language())
        return page_of(
            "setup/question_section.html",
            form=form,
            lost=lost,
            entry=entry,
            called=names.get(entry["title"], entry["title"]),
            shipped=shipped,
        )

    def save(stands: OpenDraft, form: SectionForm) -> Document:
        words = changes.forget_stale(stands.document, ("sections", section), form.words())
        return changes.reword_section(shipped_data(), stands.overlay, section, words)

    given = {"title": entry["title"], "intro": entry.get("intro", ""), "seen": _mark_of_words(entry)}
    given |= _in_spanish(read_draft().document, ("sections", section))
    return _answer(SectionForm, given, save, page, section, stands_as=lambda: _mark_of_words(_section(section)))


@bp.route("/own/new", methods=["GET", "POST"])
@staff(OWNER)
def new() -> ResponseReturnValue:
    return _own_page(OWN_PREFIX + reference("q")[2:10], None)


@bp.route("/own/<own>", methods=["GET", "POST"])
@staff(OWNER)
def own(own: str) -> ResponseReturnValue:
    entry = read_draft().overlay.get("own", {}).get(own)
    if entry is None:
        raise NotFound
    return _own_page(own, entry)


@bp.post("/move/<name>/<any(up, down):direction>")
@staff(OWNER)
def move(name: str, direction: str) -> ResponseReturnValue:
    _known(name)
    return press(lambda stands: changes.move_field(stands.document, stands.overlay, name, direction), name)


@bp.post("/sections/<section>/<any(up, down):direction>")
@staff(OWNER)
def move_section(section: str, direction: str) -> ResponseReturnValue:
    _section(section, of_practice=True)
    return press(lambda stands: changes.move_section(stands.document, stands.overlay, section, direction), section)


@bp.post("/shipped/<name>/off")
@staff(OWNER)
def switch_off(name: str) -> ResponseReturnValue:
    _shipped(name)
    return press(lambda stands: changes.switch_off(stands.overlay, name), name)


@bp.post("/shipped/<name>/on")
@staff(OWNER)
def switch_on(name: str) -> ResponseReturnValue:
    _shipped(name)
    return press(lambda stands: changes.switch_on(stands.overlay, name), name)


@bp.post("/take-back/<any(sections, fields, order, own, instruments):part>/", defaults={"name": ""})
@bp.post("/take-back/<any(sections, fields, order, own, instruments):part>/<name>")
@staff(OWNER)
def take_back(part: str, name: str) -> ResponseReturnValue:
    if name not in read_draft().overlay.get(part, {}):
        raise NotFound
    return press(lambda stands: changes.take_back(stands.overlay, part, name), name)


def press(change: Change, about: str, then: str | None = None) -> ResponseReturnValue:
    """Do what a button says, and come back to where it stands; or say above the list why it can't be."""
    actor = signed_in().actor
    try:
        with begin_work() as work:
            editions.change_draft(work, actor, change, about=about)
    except DoesNotFit as refused:
        return list_page(refused), 422
    return redirect(then or url_for("questions.questions", _anchor=about or "order"))


def list_page(refused: DoesNotFit | None = None) -> str:
    """Every question, by the moment and the section in which it is asked."""
    stands, base = read_draft(), shipped_data()
    language = current_language()
    read = reworded(stands.document, language)
    homes = {field["name"]: section["id"] for section, field in fields_of(base)}
    asked = {field["name"] for _home, field in fields_of(stands.document)}
    moments = [
        (label, [(one, [f for f in one["fields"] if f["moment"] == moment]) for one in read["sections"]])
        for moment, label in MOMENTS.items()
    ]
    return page_of(
        "setup/questions.html",
        refused=refused,
        unsaid=[(place, place_in_words(stands.document, place)) for place in stands.unsaid],
        stands=stands,
        edition=current_edition(),
        moments=[(label, [(one, those) for one, those in pages if those]) for label, pages in moments],
        sections=read["sections"],
        names=names_in(stands.document, language),
        fixed=(*FIRST_SECTIONS, LAST_SECTION),
        closed=CLOSED_SECTIONS,
        off=[field for _home, field in fields_of(reworded(base, language)) if field["name"] not in asked],
        protected={name: protection(name, home) for name, home in homes.items()},
        shipped=homes,
        kinds={**KINDS, **OTHER_KINDS},
        who=WHO,
        visibilities=VISIBILITIES,
    )


def _own_page(name: str, entry: dict[str, Any] | None) -> ResponseReturnValue:
    document = read_draft().document
    default: dict[str, Any] = {
        "section": "goals",
        "kind": "text",
        "who": "both",
        "moment": "session",
        "visibility": "own",
    }
    given = {**typed_of(entry or default), "document": document, "name": name, "seen": mark_of(entry or NEW)}

    def page(form: OwnForm, lost: Conflict | None) -> str:
        return page_of("setup/question_own.html", form=form, lost=lost, name=name if entry else None)

    def save(stands: OpenDraft, form: OwnForm) -> Document:
        return changes.put_own(stands.overlay, name, form.entry())

    return _answer(
        OwnForm, given, save, page, name, stands_as=lambda: mark_of(read_draft().overlay.get("own", {}).get(name, NEW))
    )


def _answer(
    form_class: Any,
    given: dict[str, Any],
    change: Callable[[OpenDraft, Any], Document],
    page: Callable[[Any, Conflict | None], str],
    name: str,
    *,
    stands_as: Callable[[], str],
) -> ResponseReturnValue:
    """The page of one form, or what became of it when it was sent. `given` is what stands; `stands_as` is its mark."""
    form = form_class(**given)
    if not form.is_submitted():
        return page(form, None)
    if not form.validate():
        return page(form, None), 422
    actor, seen = signed_in().actor, form.seen.data
    try:
        with begin_work() as work:
            editions.change_draft(
                work, actor, lambda stands: change(stands, form), about=name, seen=lambda _: stands_as() == seen
            )
    except DoesNotFit as refused:
        show(form, refused.problems, name, names_in(read_draft().document, current_language()))
        return page(form, None), 422
    except DraftChanged as lost:
        return page(form_class(formdata=None, **given), lost), 409
    flash(_("It is in the draft. Clients see it when you publish."))
    return redirect(url_for("questions.questions", _anchor=name))


def _shipped(name: str) -> tuple[str, dict[str, Any], Document]:
    """The section, the entry as it stands in the draft, even where it is off, and the document that has it.

    :raises NotFound: when nothing of this name ships.
    """
    document = tailor(shipped_data(), changes.switch_on(read_draft().overlay, name), "draft").document
    shipped = {field["name"] for _home, field in fields_of(shipped_data())}
    for section, field in fields_of(document):
        if field["name"] == name and name in shipped:
            return section["id"], field, document
    raise NotFound


def _section(name: str, *, of_practice: bool = False) -> dict[str, Any]:
    known = {one["id"] for one in (read_draft().document if of_practice else shipped_data())["sections"]}
    for one in read_draft().document["sections"]:
        if one["id"] == name and name in known:
            found: dict[str, Any] = one
            return found
    raise NotFound


def _mark_of_words(section: dict[str, Any]) -> str:
    spanish = _in_spanish(read_draft().document, ("sections", section["id"]))
    return mark_of([section["title"], section.get("intro", ""), spanish])


def _in_spanish(document: Document, place: Place) -> dict[str, str]:
    """The Spanish of a question or a section, by the names of the form's fields."""
    said = {at[2:]: words for at, words in words_of(document, SPANISH).items() if at[:2] == place}
    return {in_spanish("option_" + path[1] if path[0] == "options" else path[0]): words for path, words in said.items()}


def _known(name: str) -> None:
    if name not in {field["name"] for _home, field in fields_of(read_draft().document)}:
        raise NotFound
