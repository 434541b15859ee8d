"""The owner's pages for what people agree to: read it, write a new version, choose how secrets are kept."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.consents import actions as consents
from practice.consents import queries
from practice.consents.documents import COUPLE, Document, Wording, Words, adds_alone, fingerprint
from practice.consents.shipped import shipped_for
from practice.errors import NotFound, PracticeError
from practice.languages import DEFAULT, LANGUAGES
from practice.profile import SECRETS_POLICIES, profile
from practice.setup.agreement_forms import WordingForm, given_words
from practice.setup.comparing import Change, compare
from practice.setup.routes import page_of
from practice.speaking import gettext as _
from practice.staff.models import OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("agreements", __name__, url_prefix="/staff/setup/agreements")


@bp.get("")
@staff(OWNER)
def overview() -> ResponseReturnValue:
    return page_of(
        "setup/agreements.html",
        lines=[(document, queries.list_versions(key)[0]) for key, document in queries.find_documents().items()],
        untold=queries.find_untold(),
        policy=profile().secrets_policy,
    )


@bp.post("/install")
@staff(OWNER)
def install() -> ResponseReturnValue:
    with begin_work() as work:
        consents.install(work, signed_in().actor)
    flash(_("The documents are there. From now on, people are asked to agree to them."))
    return redirect(url_for("agreements.overview"))


@bp.get("/<key>")
@staff(OWNER)
def document(key: str) -> ResponseReturnValue:
    stands = queries.get_document(key)
    return page_of(
        "setup/agreement.html",
        document=stands,
        others=queries.find_translations(stands),
        untold=queries.find_untold().get(key, []),
        versions=queries.list_versions(key),
        couple=COUPLE,
    )


@bp.route("/<key>/new", methods=["GET", "POST"])
@staff(OWNER)
def write(key: str) -> ResponseReturnValue:
    stands = queries.get_document(key)
    return _writing(stands, _words_of(stands), None)


@bp.route("/secrets/<policy>", methods=["GET", "POST"])
@staff(OWNER)
def switch(policy: str) -> ResponseReturnValue:
    if policy not in SECRETS_POLICIES or policy == profile().secrets_policy:
        raise NotFound
    before = queries.find_last_of_policy(policy)
    if before is not None:
        begin_with = _words_of(before)
    else:
        ours = shipped_for(profile(), policy)
        begin_with = {DEFAULT: ours.wording, **ours.others}
    return _writing(queries.get_document(COUPLE), begin_with, policy)


def _words_of(document: Document) -> Words:
    """What this version says, in each language that it is written in."""
    return {one.language: one.wording for one in (document, *queries.find_translations(document))}


def _writing(stands: Document, begin_with: Words, policy: str | None) -> ResponseReturnValue:
    """Write, look at it, publish what was looked at; `policy` where secrets are kept otherwise from then on."""
    form = WordingForm(after=stands.version, **given_words(begin_with))
    if not form.validate_on_submit():
        return _page(stands, form, policy), 422 if form.is_submitted() else 200
    words = form.words()
    if form.previewed.data != fingerprint(words):
        return _page(stands, form, policy, seen=words)
    actor, after = signed_in().actor, form.after.data or 0
    try:
        with begin_work() as work:
            if policy is None:
                consents.publish(work, actor, stands.key, words, after=after)
            else:
                consents.switch_policy(work, actor, policy, words, after=after)
    except (consents.WordsChanged, consents.NothingNew) as lost:
        return _page(stands, form, policy, seen=words, lost=lost), lost.status
    title = queries.get_document(stands.key).title
    if queries.get_document(stands.key).version == after:
        flash(_("“%(title)s” is there in every language now. Nobody is asked again.", title=title))
    else:
        flash(_("“%(title)s” has its new version. Everybody is asked again at their next step.", title=title))
    return redirect(url_for("agreements.document", key=stands.key))


def _page(
    stands: Document,
    form: WordingForm,
    policy: str | None,
    seen: Words | None = None,
    lost: PracticeError | None = None,
) -> str:
    if lost is not None:
        form.after.data = stands.version
        form.after.raw_data = None
    now = _words_of(stands)
    return page_of(
        "setup/agreement_new.html",
        document=stands,
        form=form,
        policy=policy,
        seen=seen,
        mark=fingerprint(seen) if seen is not None else "",
        changes=_changes(now, seen) if seen is not None else {},
        adds=policy is None and seen is not None and adds_alone(now, seen),
        accepted=queries.list_versions(stands.key)[0].accepted,
        lost=lost,
    )


def _changes(now: Words, seen: Words) -> dict[str, list[Change]]:
    """What is different in each language where anything is."""
    empty = Wording("", "", "")
    found = {one: compare(now.get(one, empty), seen[one]) for one in LANGUAGES}
    return {language: changes for language, changes in found.items() if changes}
