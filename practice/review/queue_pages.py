"""The list of requests: narrowed, searched, in pages; its saved views; and whose several of them are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.audit import record
from practice.booking.offers.queries import find_offers
from practice.clock import clock
from practice.errors import Conflict
from practice.profile import profile
from practice.regions import region_name
from practice.review import narrowing as by
from practice.review import view_actions
from practice.review.bulk_actions import give_several
from practice.review.models import SavedView
from practice.review.narrowing import Narrowing, read_narrowing, read_page, shipped_views, sorts_for
from practice.review.queries import find_deciders
from practice.review.queue_forms import GiveForm, NamedForm, SearchForm, ViewForm
from practice.review.seeing import roles_of
from practice.review.sight import DESK
from practice.review.states import state_words
from practice.review.views import list_views, narrowing_of
from practice.review.waiting import find_colleagues, list_requests, reads_risk
from practice.speaking import current_language, ngettext
from practice.speaking import gettext as _
from practice.staff.models import CLINICIAN, OWNER, ROLES, StaffAccount
from practice.staff.queries import signed_in
from practice.telling.places import in_order
from practice.work import Work, begin_work

bp = Blueprint("queue", __name__)
bp.add_app_template_filter(state_words, "request_state")

LEFT_SHOWN = 10


def show_requests() -> ResponseReturnValue:
    """The list as the address narrows it, or as this account has it first; or, as a form, what a search finds."""
    if request.method == "GET":
        return _page()
    form = SearchForm()
    status = 200 if form.validate_on_submit() else 422
    return _page(searching=form), status


@bp.post("/intakes/give")
@staff(OWNER, CLINICIAN)
def give() -> ResponseReturnValue:
    form = GiveForm()
    form.to.choices = [(one.id, one.name) for one in find_deciders()]
    if not form.validate_on_submit():
        return _page(giving=form), 422
    seen = form.seen_owners()
    with begin_work() as work:
        left = give_several(work, signed_in(), seen, form.to.data)
    given = len(seen) - len(left)
    if left:
        return _page(left=left, given=given), 409
    flash(ngettext("One request is handed over.", "%(num)s requests are handed over.", given))
    asked = read_narrowing(request.args.to_dict(), clinical=reads_risk(signed_in()))
    return redirect(_address_of(asked))


@bp.get("/intakes/views")
@staff(*ROLES)
def views() -> ResponseReturnValue:
    return _views_page()


@bp.post("/intakes/views")
@staff(*ROLES)
def save() -> ResponseReturnValue:
    form = ViewForm()
    if not form.validate_on_submit():
        return _page(saving=form), 422
    asked = read_narrowing(dict(parse_qsl(form.query.data or "")), clinical=reads_risk(signed_in()))
    try:
        with begin_work() as work:
            view_actions.save_view(work, signed_in(), (form.name.data or "").strip(), asked)
    except Conflict as lost:
        return _page(saving=form, lost=lost), 409
    flash(_("The view is saved."))
    return redirect(_address_of(asked))


@bp.post("/intakes/views/<reference>")
@staff(*ROLES)
def rename(reference: str) -> ResponseReturnValue:
    form = NamedForm()
    if not form.validate_on_submit():
        return _views_page(reference, form), 422
    return _change(
        lambda work: view_actions.rename_view(work, signed_in(), reference, (form.name.data or "").strip()),
        _("It has another name now."),
        lambda lost: _views_page(reference, form, lost),
    )


@bp.post("/intakes/views/<reference>/remove")
@staff(*ROLES)
def remove(reference: str) -> ResponseReturnValue:
    return _change(lambda work: view_actions.remove_view(work, signed_in(), reference), _("The view is removed."))


@bp.post("/intakes/views/<reference>/first")
@staff(*ROLES)
def first(reference: str) -> ResponseReturnValue:
    return _change(
        lambda work: view_actions.show_first(work, signed_in(), reference), _("From now on the list begins with it.")
    )


@bp.post("/intakes/views/usual")
@staff(*ROLES)
def usual() -> ResponseReturnValue:
    return _change(
        lambda work: view_actions.show_usual_first(work, signed_in()), _("The list begins with all that wait again.")
    )


def _change(
    act: Callable[[Work], None], said: str, lost_page: Callable[[Conflict], str] | None = None
) -> ResponseReturnValue:
    try:
        with begin_work() as work:
            act(work)
    except Conflict as lost:
        if lost_page is None:
            raise
        return lost_page(lost), 409
    flash(said)
    return redirect(url_for("review.queue.views"))


def _address_of(asked: Narrowing) -> str:
    query: dict[str, Any] = {**asked.as_query()}
    return url_for("review.intakes", **query)


def _asked(own: Sequence[SavedView], *, clinical: bool) -> Narrowing:
    """What the address asks for; where it asks for nothing at all, what this account has first."""
    if not set(request.args) & by.NAMES:
        first = next((one for one in own if one.is_first), None)
        if first is not None:
            return narrowing_of(first, clinical=clinical)
    return read_narrowing(request.args.to_dict(), clinical=clinical)


def _page(
    *,
    searching: SearchForm | None = None,
    saving: ViewForm | None = None,
    giving: GiveForm | None = None,
    left: Sequence[str] = (),
    given: int = 0,
    lost: Conflict | None = None,
) -> str:
    """The list, once the audit log has that it was read. A form that is given is to be mended, or is a search."""
    account, actor, now, clinical = signed_in(), signed_in().actor, clock().now(), reads_risk(signed_in())
    own = list_views(account)
    asked = _asked(own, clinical=clinical)
    text = searching.text.data or "" if searching is not None and not searching.errors else ""
    listed = list_requests(account, asked, now, page=read_page(request.args), text=text)
    colleagues = find_colleagues(listed.lines)
    if giving is None:
        giving = GiveForm(formdata=None, to=account.id)
    giving.to.choices = [(one.id, one.name) for one in colleagues if DESK & roles_of(one) and one.active]
    names = {one.reference: one.name for one in listed.lines}
    page = render_template(
        "review/intakes.html",
        listed=listed,
        asked=asked,
        query=asked.as_query(),
        text=text,
        clinical=clinical,
        choices=_choices(asked, colleagues, clinical=clinical),
        owners={one.actor: one.name for one in colleagues},
        shipped=shipped_views(clinical=clinical),
        own=[(one, narrowing_of(one, clinical=clinical)) for one in own],
        may_give=bool(DESK & roles_of(account)),
        searching=searching or SearchForm(formdata=None),
        saving=saving or ViewForm(formdata=None, query=urlencode(asked.as_query())),
        giving=giving,
        left=[names.get(one, one) for one in left][:LEFT_SHOWN],
        left_count=len(left),
        given=given,
        lost=lost,
        zone=account.therapist.zone if account.therapist is not None else profile().zone,
        now=now,
    )
    with begin_work() as work:
        record(work, actor, "list_viewed", "intakes", {"count": len(listed.lines)})
    return page


def _choices(asked: Narrowing, colleagues: Sequence[StaffAccount], *, clinical: bool) -> dict[str, dict[str, str]]:
    """The choices of each select, by its name in an address: value and words."""
    places = {place for offer in find_offers().values() for place in offer.licence_places}
    places |= {asked.place} if asked.place else set()
    owners = {"": _("Anybody’s"), by.MINE: _("Mine"), by.NOBODYS: _("Nobody’s")}
    owners |= {str(one.id): one.name for one in colleagues}
    if asked.owner not in owners:
        owners[asked.owner] = _("Somebody else’s")
    named = {code: region_name(code, current_language()) for code in places}
    risk = {"band": _said(by.BANDS)} if clinical else {}
    return {
        "state": _said(by.STATES),
        **risk,
        "owner": owners,
        "place": {"": _("Any place"), **dict(sorted(named.items(), key=lambda one: in_order(one[1])))},
        "attending": _said(by.ATTENDING),
        "age": _said(by.AGES),
        "sort": _said(sorts_for(clinical=clinical)),
    }


def _said(choices: Mapping[str, str]) -> dict[str, str]:
    return {value: _(words) for value, words in choices.items()}


def _views_page(reference: str = "", form: NamedForm | None = None, lost: Conflict | None = None) -> str:
    """All views; `form` is what was typed for the one of this reference."""
    clinical = reads_risk(signed_in())
    own = []
    for one in list_views(signed_in()):
        typed = form if form is not None and one.reference == reference else NamedForm(formdata=None, name=one.name)
        own.append((one, narrowing_of(one, clinical=clinical), typed))
    return render_template("review/views.html", own=own, form=form or NamedForm(formdata=None), lost=lost)
