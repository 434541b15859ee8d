"""The owner's page for what the practice connects to: mail and Stripe, each set, tried, replaced and taken away.

Nothing secret is ever shown: of a key its last letters, of a password that there is one.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from practice import connections
from practice.access import staff
from practice.connections import MAIL, STRIPE, MailAccess, Stored, StripeAccess
from practice.errors import NotFound
from practice.limits import limiter
from practice.opening import trying
from practice.opening.forms import MailForm, StripeForm
from practice.opening.trying import MAIL_WORDS, Outcome
from practice.payments.webhook import EVENTS
from practice.payments.webhook import PATH as WEBHOOK
from practice.profile import profile
from practice.settings import settings
from practice.setup.actions import ChangedMeanwhile, check_seen
from practice.setup.routes import page_of
from practice.speaking import gettext as _
from practice.staff.fresh import signed_in_lately
from practice.staff.models import OWNER
from practice.staff.queries import signed_in
from practice.work import begin_work

bp = Blueprint("connections", __name__, url_prefix="/staff/setup/connections")

BACK = "connections.overview"
TRIES = "20/hour"


@bp.get("")
@staff(OWNER)
@signed_in_lately(BACK)
def overview() -> ResponseReturnValue:
    return _page()


@bp.post("/mail/save")
@staff(OWNER)
@signed_in_lately(BACK)
def save_mail() -> ResponseReturnValue:
    form = MailForm(kept=connections.read_stored().mail)
    if not form.validate_on_submit():
        return _page(mail=form), 422
    return _save(MAIL, form.access(), form.seen.data, _("Saved. Now send yourself a test letter."))


@bp.post("/stripe/save")
@staff(OWNER)
@signed_in_lately(BACK)
def save_stripe() -> ResponseReturnValue:
    form = StripeForm(kept=connections.read_stored().stripe, demo=settings().demo)
    if not form.validate_on_submit():
        return _page(stripe=form), 422
    return _save(STRIPE, form.access(), form.seen.data, _("Saved. Now ask Stripe whether all is well."))


@bp.post("/mail/try")
@staff(OWNER)
@signed_in_lately(BACK)
@limiter.limit(TRIES)
def try_mail() -> ResponseReturnValue:
    account = signed_in()
    return _page(mail_outcome=trying.send_test_letter(account.actor, account.email))


@bp.post("/stripe/try")
@staff(OWNER)
@signed_in_lately(BACK)
@limiter.limit(TRIES)
def try_stripe() -> ResponseReturnValue:
    return _page(stripe_outcome=trying.ask_stripe(signed_in().actor))


@bp.post("/<name>/take-away")
@staff(OWNER)
@signed_in_lately("connections.ask_to_take_away")
def take_away(name: str) -> ResponseReturnValue:
    actor = signed_in().actor
    if name not in (MAIL, STRIPE):
        raise NotFound
    with begin_work() as work:
        connections.disconnect(work, actor, name)
    flash(_("Taken away. It can’t be read any more."))
    return redirect(url_for(BACK))


@bp.get("/<name>/take-away")
@staff(OWNER)
@signed_in_lately("connections.ask_to_take_away")
def ask_to_take_away(name: str) -> ResponseReturnValue:
    if connections.find_since(name) is None:
        raise NotFound
    return page_of("opening/take_away.html", name=name)


def _save(name: str, access: MailAccess | StripeAccess, seen: str | None, words: str) -> ResponseReturnValue:
    actor = signed_in().actor
    try:
        with begin_work() as work:
            check_seen(seen, _mark(connections.lock(work, name)))
            connections.connect(work, actor, access)
    except ChangedMeanwhile as lost:
        return _page(lost=lost), 409
    flash(words)
    return redirect(url_for(BACK))


def _page(
    mail: MailForm | None = None,
    stripe: StripeForm | None = None,
    *,
    lost: ChangedMeanwhile | None = None,
    mail_outcome: Outcome | None = None,
    stripe_outcome: Outcome | None = None,
) -> str:
    stored, given = connections.read_stored(), settings()
    in_use = StripeAccess(
        given.stripe_api_key or stored.stripe.api_key, given.stripe_webhook_secret or stored.stripe.webhook_secret
    )
    return page_of(
        "opening/connections.html",
        mail=mail or _mail_form(stored),
        stripe=stripe or _stripe_form(stored),
        wrong=mail or stripe,
        stored=stored,
        given=given,
        sender=given.mail_from or (connections.mail_from() if MAIL not in stored.shut else ""),
        key_ends=connections.last_letters(in_use.api_key),
        secret_ends=connections.last_letters(in_use.webhook_secret),
        in_use=in_use,
        has_server=bool(given.smtp_url or stored.mail.url),
        mail_trial=connections.find_trial(MAIL),
        stripe_trial=connections.find_trial(STRIPE),
        mail_words=MAIL_WORDS,
        mail_outcome=mail_outcome,
        stripe_outcome=stripe_outcome,
        to=signed_in().email,
        webhook=given.base_url + WEBHOOK,
        events=EVENTS,
        zone=profile().zone,
        lost=lost,
    )


def _mail_form(stored: Stored) -> MailForm:
    values = {**asdict(stored.mail), "password": ""}
    values["sender_address"] = values["sender_address"] or profile().email
    return MailForm(formdata=None, kept=stored.mail, seen=_mark(stored.mail_since), **values)


def _stripe_form(stored: Stored) -> StripeForm:
    return StripeForm(formdata=None, kept=stored.stripe, demo=settings().demo, seen=_mark(stored.stripe_since))


def _mark(since: datetime | None) -> str:
    return since.isoformat() if since is not None else "none"
