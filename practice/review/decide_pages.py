"""What a reviewer does with a request besides a plain yes or no: ask, offer a call, accept for some, refer, note."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from practice.access import staff
from practice.booking.eligibility import Chosen
from practice.booking.reviewing import TooLateToAccept
from practice.clock import clock
from practice.errors import Conflict, NotFound
from practice.forms import PostedForm
from practice.intake.models import Intake
from practice.intake.own_answers import own_fields
from practice.intake.queries import get_intake, questionnaire_of, sent_codes_of
from practice.people import contact_of
from practice.profile import profile
from practice.review import actions, asking, closing, endings
from practice.review.decide_forms import AcceptForForm, AskForm, CallForm, ReferForm, WithdrawForm
from practice.review.deciding import DecidedMeanwhile
from practice.review.lifecycle import Step
from practice.review.own_request import ways_to_call
from practice.review.queries import reach_of
from practice.review.referrals import find_offered
from practice.review.sight import Sight
from practice.review.standing import Standing, list_choices, read_standing
from practice.speaking import gettext as _
from practice.staff.models import CLINICIAN, OWNER
from practice.staff.queries import signed_in
from practice.work import Work, begin_work

bp = Blueprint("deciding", __name__)


@bp.route("/intakes/<reference>/ask", methods=["GET", "POST"])
@staff(OWNER, CLINICIAN)
def ask(reference: str) -> ResponseReturnValue:
    """Which questions, and one in own words."""
    intake = _opened(reference, "ask")
    form = AskForm()
    offered = own_fields(intake)
    form.fields.choices = [SelectChoice(field.name, field.question) for _, those in offered for field in those]
    sent = sent_codes_of(intake)

    def act(work: Work) -> None:
        fields, question = form.fields.data or [], form.question.data or ""
        asking.ask(work, signed_in(), reference, seen=form.seen.data or "", fields=fields, question=question)

    def page(standing: Standing, lost: Conflict | None) -> str:
        said = questionnaire_of(intake).said
        return render_template(
            "review/ask.html",
            **_shown(Step.ASK, intake, standing, form, lost),
            offered=[
                (page, [(one, said(one, sent) if sent.get(one.name) else "") for one in of]) for page, of in offered
            ],
        )

    return _step(intake, form, act, page, _told(intake, _("Asked.")))


@bp.route("/intakes/<reference>/call", methods=["GET", "POST"])
@staff(OWNER, CLINICIAN)
def call(reference: str) -> ResponseReturnValue:
    """A call for this person alone."""
    intake, now = _opened(reference, "call"), clock().now()
    form = CallForm()
    form.way.choices = [SelectChoice(way, _(words)) for way, words in ways_to_call(intake.person, now).items()]

    def act(work: Work) -> None:
        asking.offer_call(work, signed_in(), reference, seen=form.seen.data or "", way=form.way.data or "")

    def page(standing: Standing, lost: Conflict | None) -> str:
        return render_template(
            "review/call.html", **_shown(Step.OFFER_CALL, intake, standing, form, lost), reach=reach_of(intake.person)
        )

    return _step(intake, form, act, page, _told(intake, _("Offered.")))


@bp.route("/intakes/<reference>/accept-for", methods=["GET", "POST"])
@staff(OWNER, CLINICIAN)
def accept_for(reference: str) -> ResponseReturnValue:
    """With whom, and what, they may book."""
    intake, now = _opened(reference, "accept"), clock().now()
    choices, form = list_choices(intake, now), AcceptForForm()
    therapists = {offer.therapist_id: offer.therapist_name for offer, _ in choices}
    offerings = {offer.offering_id: offer.offering_name for offer, _ in choices}
    form.therapists.choices = [
        SelectChoice(one, name) for one, name in sorted(therapists.items(), key=lambda it: it[1])
    ]
    form.offerings.choices = [SelectChoice(one, name) for one, name in offerings.items()]
    if not form.is_submitted():
        form.therapists.data = sorted({offer.therapist_id for offer, open_ in choices if open_})
        form.offerings.data = sorted({offer.offering_id for offer, open_ in choices if open_})

    def act(work: Work) -> None:
        chosen = _chosen(intake, form)
        actions.accept(work, signed_in(), reference, seen=form.seen.data or "", chosen=chosen)

    def page(standing: Standing, lost: Conflict | None) -> str:
        waiting = endings.find_reviewed(intake)
        shown = _shown(Step.ACCEPT, intake, standing, form, lost)
        shown["possible"] = shown["possible"] and standing.newest and standing.to_book
        return render_template("review/accept.html", **shown, choices=choices, waiting=waiting)

    if form.is_submitted() and form.validate() and not _chosen(intake, form).offering_ids:
        form.offerings.errors = [_("None of these therapists offers any of these. Choose others.")]
        return page(read_standing(intake), None), 422
    return _step(intake, form, act, page, _("Accepted."))


@bp.route("/intakes/<reference>/refer", methods=["GET", "POST"])
@staff(OWNER, CLINICIAN)
def refer(reference: str) -> ResponseReturnValue:
    """Whom the practice names instead, and what ends by it."""
    intake = _opened(reference, "refer")
    listed, form = find_offered(), ReferForm()
    form.referrals.choices = [SelectChoice(one.reference, f"{one.name}: {one.what_for}") for one in listed]

    def act(work: Work) -> None:
        seen, ended, named = form.seen.data or "", form.ending.data or "", form.referrals.data or []
        closing.refer_out(work, signed_in(), reference, seen=seen, ending=ended, referrals=named)

    def page(standing: Standing, lost: Conflict | None) -> str:
        ending = endings.list_ending(intake, clock().now())
        form.ending.data = endings.as_seen(ending)
        return render_template(
            "review/refer.html",
            **_shown(Step.REFER_OUT, intake, standing, form, lost),
            listed=listed,
            ending=ending,
            refunds=endings.refund_for(ending),
            keeps_list=signed_in().is_any_of(OWNER),
        )

    return _step(intake, form, act, page, _told(intake, _("Referred out.")))


@bp.route("/intakes/<reference>/withdrawn", methods=["GET", "POST"])
@staff(OWNER, CLINICIAN)
def withdrawn(reference: str) -> ResponseReturnValue:
    """The client told the practice that they take it back."""
    intake, form = _opened(reference, "withdrawn"), WithdrawForm()

    def act(work: Work) -> None:
        wanted = {"seen": form.seen.data or "", "ending": form.ending.data or ""}
        closing.note_withdrawn(work, signed_in(), reference, **wanted)

    def page(standing: Standing, lost: Conflict | None) -> str:
        now = clock().now()
        ending = endings.reckon(endings.list_ending(intake, now), now)
        form.ending.data = endings.terms_seen(ending)
        return render_template(
            "review/withdrawn.html", **_shown(Step.WITHDRAW, intake, standing, form, lost), ending=ending
        )

    return _step(intake, form, act, page, _("Noted. This request is withdrawn."))


def _step(
    intake: Intake,
    form: PostedForm,
    act: Callable[[Work], None],
    page: Callable[[Standing, Conflict | None], str],
    said: str,
) -> ResponseReturnValue:
    """One page of a step: shown, sent with something wrong, overtaken by somebody else, or done."""
    reference = intake.reference
    if not form.is_submitted():
        return page(read_standing(intake), None)
    if not form.validate():
        return page(read_standing(intake), None), 422
    try:
        with begin_work() as work:
            act(work)
    except asking.NothingAsked as wrong:
        form.form_errors.append(f"{_(wrong.title)}: {_(wrong.way_out)}")
        return page(read_standing(get_intake(reference)), None), 422
    except (DecidedMeanwhile, TooLateToAccept) as lost:
        return page(read_standing(get_intake(reference)), lost), 409
    flash(said)
    return redirect(url_for("review.intake", reference=reference))


def _shown(step: Step, intake: Intake, standing: Standing, form: PostedForm, lost: Conflict | None) -> dict[str, Any]:
    since = standing.since(form["seen"].data or "") if lost is not None else []
    form["seen"].data = standing.mark  # what was typed is kept; what was read is what stands now
    contact, account = contact_of(intake.person), signed_in()
    return {
        "intake": intake,
        "standing": standing,
        "form": form,
        "lost": lost,
        "since": since,
        "reader": account.actor,
        "possible": standing.may(step),
        "typed": _typed(form) if form.is_submitted() else [],
        "name": contact.first_name if contact else "",
        "zone": account.therapist.zone if account.therapist is not None else profile().zone,
    }


def _typed(form: PostedForm) -> list[tuple[str, list[str]]]:
    """What was typed and chosen, by the words of its field, for where the form isn't shown any more."""
    found = []
    for one in form:
        said = one.data if isinstance(one.data, list) else [one.data]
        if not isinstance(one, HiddenField) and one.data:
            words = {choice.value: str(choice.label) for choice in getattr(one, "choices", None) or ()}
            found.append((one.label.text, [words.get(value, str(value)) for value in said]))
    return found


def _chosen(intake: Intake, form: AcceptForForm) -> Chosen:
    """What was chosen, of what is offered: offerings by nobody chosen, and who offers none of them, fall away."""
    therapists, offerings = set(form.therapists.data or ()), set(form.offerings.data or ())
    picked = [
        offer
        for offer, _ in list_choices(intake, clock().now())
        if offer.therapist_id in therapists and offer.offering_id in offerings
    ]
    return Chosen(
        therapist_ids={offer.therapist_id for offer in picked},
        offering_ids={offer.offering_id for offer in picked},
        attendance=_in_order(("couple", "individual"), {offer.attendance for offer in picked}),
        places=_in_order(("video", "in_person"), {offer.place for offer in picked}),
    )


def _in_order(known: tuple[str, ...], found: set[str]) -> list[str]:
    return [one for one in known if one in found]


def _told(intake: Intake, done: str) -> str:
    """What was done, and that they must be told by hand where no mail goes to them."""
    if read_standing(intake).by_mail:
        return done
    by_hand = _("No mail goes to them: tell them yourself, in neutral words, that there is something on their page.")
    return f"{done} {by_hand}"


def _opened(reference: str, page: str) -> Intake:
    """The intake, once the audit log has that somebody opens this page of it, whether they may or not.

    :raises NotFound: when they may not; the note of their try stays.
    """
    with begin_work() as work:
        sight = actions.open_intake(work, signed_in(), reference, page)
    if sight is not Sight.CLINICAL:
        raise NotFound
    return get_intake(reference)
