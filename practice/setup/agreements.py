"""The owner's pages for what people agree to: read it, write a new version, choose how secrets are kept."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.consents import actions as consents
from practice.consents import queries
from practice.consents.documents import COUPLE, Document, Wording
from practice.consents.shipped import shipped_for
from practice.errors import NotFound, PracticeError
from practice.profile import SECRETS_POLICIES, profile
from practice.setup.agreement_forms import WordingForm
from practice.setup.comparing import compare
from practice.setup.routes import page_of
from practice.staff.models import OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("agreements", __name__, url_prefix="/staff/setup/agreements")


@bp.get("")
@staff(OWNER)
def overview() -> ResponseReturnValue:
    return page_of(
        "setup/agreements.html",
        lines=[queries.list_versions(key)[0] for key in queries.find_documents()],
        policy=profile().secrets_policy,
    )


@bp.post("/install")
@staff(OWNER)
def install() -> ResponseReturnValue:
    with begin_work() as work:
        consents.install(work, signed_in().actor)
    flash("The documents are there. From now on, people are asked to agree to them.")
    return redirect(url_for("agreements.overview"))


@bp.get("/<key>")
@staff(OWNER)
def document(key: str) -> ResponseReturnValue:
    return page_of(
        "setup/agreement.html", document=queries.get_document(key), versions=queries.list_versions(key), couple=COUPLE
    )


@bp.route("/<key>/new", methods=["GET", "POST"])
@staff(OWNER)
def write(key: str) -> ResponseReturnValue:
    stands = queries.get_document(key)
    return _writing(stands, stands.wording, None)


@bp.route("/secrets/<policy>", methods=["GET", "POST"])
@staff(OWNER)
def switch(policy: str) -> ResponseReturnValue:
    if policy not in SECRETS_POLICIES or policy == profile().secrets_policy:
        raise NotFound
    before = queries.find_last_of_policy(policy)
    begin_with = before.wording if before is not None else shipped_for(profile(), policy).wording
    return _writing(queries.get_document(COUPLE), begin_with, policy)


def _writing(stands: Document, begin_with: Wording, policy: str | None) -> ResponseReturnValue:
    """Write, look at it, publish what was looked at; `policy` where secrets are kept otherwise from then on."""
    form = WordingForm(title=begin_with.title, summary=begin_with.summary, body=begin_with.body, after=stands.version)
    if not form.validate_on_submit():
        return _page(stands, form, policy), 422 if form.is_submitted() else 200
    wording = form.wording()
    if form.previewed.data != wording.sha256:
        return _page(stands, form, policy, seen=wording)
    actor, after = signed_in().actor, form.after.data or 0
    try:
        with begin_work() as work:
            if policy is None:
                consents.publish(work, actor, stands.key, wording, after=after)
            else:
                consents.switch_policy(work, actor, policy, wording, after=after)
    except (consents.WordsChanged, consents.NothingNew) as lost:
        return _page(stands, form, policy, seen=wording, lost=lost), lost.status
    flash(f"“{wording.title}” has its new version. Everybody is asked again at their next step.")
    return redirect(url_for("agreements.document", key=stands.key))


def _page(
    stands: Document,
    form: WordingForm,
    policy: str | None,
    seen: Wording | None = None,
    lost: PracticeError | None = None,
) -> str:
    if lost is not None:
        form.after.data = stands.version
        form.after.raw_data = None
    return page_of(
        "setup/agreement_new.html",
        document=stands,
        form=form,
        policy=policy,
        seen=seen,
        changes=compare(stands.wording, seen) if seen is not None else [],
        accepted=queries.list_versions(stands.key)[0].accepted,
        lost=lost,
    )
