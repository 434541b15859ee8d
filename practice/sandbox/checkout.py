"""The checkout page: where a client pays, in TEST MODE, with test cards and with whatever shall go wrong."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from babel.numbers import format_currency, get_currency_precision
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from practice.sandbox.cards import ASKS, DECLINES, PAYS
from practice.sandbox.disputes import Disputes
from practice.sandbox.errors import Refusal
from practice.sandbox.refunds import COMES_BACK, RETURNS, WAITS, Refunds
from practice.sandbox.sessions import LAPSES, Sessions
from practice.sandbox.store import Body
from practice.sandbox.webhooks import LATE

CARDS = {
    "4242424242424242": "Pays",
    "4000000000000002": "Is declined",
    "4000002500003155": "Asks you to authenticate",
    "4000000000000259": "Pays, and its holder takes it back at once",
    "4000000000007726": "Pays; what is refunded to it waits until you decide on the sandbox’s first page",
    "4000000000005126": f"Pays; what is refunded to it comes back after {RETURNS} seconds",
    "4000002760003184": "Asks you to authenticate, now and whenever it is charged without you",
    "4000000000000341": "Pays now; where it is kept, later charges are declined",
}
GOOD, DECLINED, CAUTIOUS, DISPUTED, SLOW, CLOSED, ASKING, REFUSING = CARDS
LATER = {ASKING: ASKS, REFUSING: DECLINES}
REFUNDS_TO = {SLOW: WAITS, CLOSED: COMES_BACK}
FAULTS = {
    "late": f"Pay late: the money arrives in {LATE} seconds, whether this page is open or not",
    "drop": "Pay, and lose the webhook",
    "duplicate": "Pay, and send the webhook twice",
    "delay": f"Pay, and send the webhook {LATE} seconds late",
    "lapse": f"Authorise, and let the bank give it up after {LAPSES} seconds (where a request is read first)",
    "reorder": "Be declined once, pay, and send the two webhooks in the wrong order",
}


class CheckoutPages:
    """The hosted page of each session, and the page on which a bank would ask who is paying."""

    def __init__(self, sessions: Sessions, disputes: Disputes, refunds: Refunds, hurry: Callable[[], None]) -> None:
        self._sessions = sessions
        self._disputes = disputes
        self._refunds = refunds
        self._hurry = hurry  # delivers what is due now: Stripe's redirect waits for the webhook's answer
        self.blueprint = self._routes()

    def _routes(self) -> Blueprint:
        bp = Blueprint("checkout", __name__, url_prefix="/checkout")
        bp.add_url_rule("/<identity>", "page", self.page)
        bp.add_url_rule("/<identity>", "pay", self.pay, methods=["POST"])
        bp.add_url_rule("/<identity>/authentication", "challenge", self.challenge)
        bp.add_url_rule("/<identity>/authentication", "answer", self.answer, methods=["POST"])
        return bp

    def page(self, identity: str) -> ResponseReturnValue:
        return self._page(self._get(identity))

    def pay(self, identity: str) -> ResponseReturnValue:
        session = self._get(identity)
        fault = request.form.get("fault") or None
        card = request.form.get("card", GOOD)
        if fault not in (None, *FAULTS) or card not in CARDS:
            return self._page(session, "Choose one of the cards on this page.", 422)
        if session["status"] != "open":
            return self._page(session, status=409)
        if fault == "late":
            self._sessions.pay_later(identity, LATE)
            return render_template("late.html", session=session, seconds=LATE)
        if card == DECLINED:
            self._sessions.decline(identity)
            return self._page(session, "The card was declined. Nothing was charged. Choose another card.", 402)
        if card in (CAUTIOUS, ASKING):
            return redirect(url_for("checkout.challenge", identity=identity, card=card), 303)
        return self._complete(identity, fault, card)

    def challenge(self, identity: str) -> ResponseReturnValue:
        session = self._get(identity)
        if session["status"] != "open":
            return self._page(session, status=409)
        card = request.args.get("card", CAUTIOUS)
        return render_template("challenge.html", session=session, amount=amount_of(session), card=card)

    def answer(self, identity: str) -> ResponseReturnValue:
        if request.form.get("answer") == "yes":
            return self._complete(identity, None, request.form.get("card", CAUTIOUS))
        session = self._get(identity)
        if session["status"] != "open":
            return self._page(session, status=409)
        self._sessions.decline(identity)
        return self._page(session, "The bank could not confirm that it is you. Nothing was charged.", 402)

    def _complete(self, identity: str, fault: str | None, card: str) -> ResponseReturnValue:
        paid = self._sessions.pay(identity, fault, LATER.get(card, PAYS))
        if paid is None:
            return self._page(self._get(identity), status=409)
        if card == DISPUTED:
            self._disputes.open(paid["payment_intent"])
        if card in REFUNDS_TO:
            self._refunds.expect(paid["payment_intent"], REFUNDS_TO[card])
        self._hurry()
        return redirect(paid["success_url"], 303)

    def _page(self, session: Body, problem: str | None = None, status: int = 200) -> ResponseReturnValue:
        if session["status"] != "open":
            return render_template("closed.html", session=session, amount=amount_of(session)), status
        return (
            render_template(
                "checkout.html",
                session=session,
                what=self._sessions.intent_of(session["id"])["description"] or "",
                amount=amount_of(session),
                cards=CARDS,
                faults=FAULTS,
                problem=problem,
            ),
            status,
        )

    def _get(self, identity: str) -> Body:
        try:
            return self._sessions.get(identity)
        except Refusal:
            raise NotFound from None


def amount_of(session: Body) -> str:
    """The sum, as people write it."""
    digits = get_currency_precision(session["currency"].upper())
    return format_currency(session["amount_total"] / 10**digits, session["currency"].upper(), locale="en_US")


def return_origins(session: Body | None) -> str:
    """Where the forms of a session's pages may lead: back to the shop, because form-action covers redirects too."""
    if session is None:
        return ""
    parts = [urlsplit(session[name]) for name in ("success_url", "cancel_url") if session.get(name)]
    return " ".join(sorted({f"{part.scheme}://{part.netloc}" for part in parts}))
