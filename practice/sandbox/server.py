"""The sandbox put together: API, checkout, mailbox, a calendar and the thread that lets time pass, on one port."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from flask import Flask, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, NotFound, UnprocessableEntity
from werkzeug.serving import WSGIRequestHandler, make_server

from practice.clock import SystemClock
from practice.sandbox.api import Api, Observer
from practice.sandbox.authorisations import Authorisations
from practice.sandbox.balance import Balance
from practice.sandbox.calendars import CalendarPages
from practice.sandbox.cards import Cards
from practice.sandbox.checkout import CheckoutPages, return_origins
from practice.sandbox.disputes import DECISIONS, Disputes
from practice.sandbox.errors import Refusal
from practice.sandbox.faults import FAULTS
from practice.sandbox.mailbox import MailPages, smtp_server
from practice.sandbox.refunds import Refunds
from practice.sandbox.sessions import Sessions
from practice.sandbox.store import Store
from practice.sandbox.webhooks import Webhooks

HOST = "127.0.0.1"
TICK = 0.5  # seconds
LIVE_KEYS = ("sk_live", "rk_live", "pk_live")
MOST_BODY_BYTES = 256 * 1024
MOST_FAULTS = 50
REAL_TIME = SystemClock().now

log = structlog.get_logger()


class RefusedToStart(Exception):
    """The sandbox must not run like this; the text says why."""


class Sandbox:
    """A running sandbox. Port 0 takes any free port; `smtp_port` None leaves the mailbox without its server.

    :raises RefusedToStart: for a live key, or in production.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        smtp_port: int | None = None,
        api_key: str = "sk_test_sandbox",
        webhook_url: str | None = None,
        webhook_secret: str = "whsec_sandbox",  # noqa: S107 - the demo's; the sandbox refuses production
        environment: str = "demo",
        now: Callable[[], datetime] = REAL_TIME,
        observe: Observer | None = None,
    ) -> None:
        _refuse_real_money(api_key, environment)
        self._stop, self._now = threading.Event(), now
        self.store = Store(folder)
        self.webhooks = Webhooks(self.store, now, url=webhook_url, secret=webhook_secret)
        self.webhooks.resume()
        self._http = make_server(HOST, port, _unbound, threaded=True, request_handler=_Quiet)
        self.address = f"http://{HOST}:{self._http.server_port}"
        self.balance = Balance(self.store, now)
        authorisations = Authorisations(self.store, self.balance, now)
        cards = Cards(self.store, self.balance, now)
        self.sessions = Sessions(self.store, self.webhooks, authorisations, now, self.address, cards=cards)
        self.disputes = Disputes(self.store, self.webhooks, now)
        self.refunds = Refunds(self.store, self.webhooks, now)
        self.api = Api(
            self.store,
            self.sessions,
            self.refunds,
            self.webhooks,
            authorisations=authorisations,
            cards=cards,
            now=now,
            api_key=api_key,
            observe=observe,
        )
        self._http.app = self._make_app()
        self._smtp = smtp_server(self.store, now, smtp_port) if smtp_port is not None else None
        self._threads = [
            threading.Thread(target=self._http.serve_forever, args=(0.1,), daemon=True, name="sandbox-http"),
            threading.Thread(target=self._let_time_pass, daemon=True, name="sandbox-time"),
        ]

    def start(self) -> None:
        if self._smtp is not None:
            self._smtp.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._http.shutdown()
        for thread in self._threads:
            thread.join()
        self._http.server_close()
        if self._smtp is not None:
            self._smtp.stop()
        self.store.close()

    def _let_time_pass(self) -> None:
        while not self._stop.wait(TICK):
            try:
                self.sessions.settle_due()
                self.refunds.settle_due()
                self.balance.pay_out_due()
                self.webhooks.deliver_due()
            except Exception as error:
                log.warning("sandbox_fault", error=type(error).__name__)

    def _make_app(self) -> Flask:
        app = Flask(__name__, static_url_path="/sandbox/static")
        app.config.update(MAX_CONTENT_LENGTH=MOST_BODY_BYTES, TRUSTED_HOSTS=[HOST, "localhost"])
        app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
        app.register_blueprint(self.api.blueprint)
        checkout = CheckoutPages(self.sessions, self.disputes, self.refunds, self.webhooks.deliver_due)
        app.register_blueprint(checkout.blueprint)
        app.register_blueprint(MailPages(self.store).blueprint)
        app.register_blueprint(CalendarPages(self.store, self._now).blueprint)
        app.add_url_rule("/sandbox", "index", self._index, strict_slashes=False)
        app.add_url_rule("/", "front", self._index)
        app.add_url_rule("/sandbox/disputes/<identity>", "decide", self._decide, methods=["POST"])
        app.add_url_rule("/sandbox/refunds/<identity>", "end_refund", self._end_refund, methods=["POST"])
        app.add_url_rule("/sandbox/faults", "break_next", self._break_next, methods=["POST"])
        app.add_url_rule("/sandbox/payouts", "pay_out", self._pay_out, methods=["POST"])
        app.register_error_handler(HTTPException, _error_page)
        app.after_request(self._protect)
        return app

    def _index(self) -> ResponseReturnValue:
        sessions = self.store.newest_first("checkout.session")[:50]
        disputes = [one for one in self.store.newest_first("dispute") if one["status"] not in DECISIONS]
        return render_template(
            "index.html",
            sessions=sessions,
            disputes=disputes,
            refunds=self.refunds.pending(),
            faults=FAULTS,
            waiting=self.api.faults,
        )

    def _decide(self, identity: str) -> ResponseReturnValue:
        try:
            self.disputes.decide(identity, request.form.get("decision", ""))
        except Refusal:
            raise NotFound from None
        return redirect("/sandbox", 303)

    def _end_refund(self, identity: str) -> ResponseReturnValue:
        try:
            self.refunds.end(identity, request.form.get("status", ""))
        except Refusal:
            raise NotFound from None
        return redirect("/sandbox", 303)

    def _break_next(self) -> ResponseReturnValue:
        """The next requests to the API go wrong; an empty fault lets all of them through again."""
        fault, times = request.form.get("fault", ""), request.form.get("times", 1, type=int)
        if fault not in ("", *FAULTS) or not 1 <= times <= MOST_FAULTS:
            raise UnprocessableEntity(f"Choose one of these faults, for 1 to {MOST_FAULTS} requests.")
        self.api.faults[:] = [fault] * times if fault else []
        return redirect("/sandbox", 303)

    def _pay_out(self) -> ResponseReturnValue:
        self.balance.pay_out(everything=True)
        return redirect("/sandbox", 303)

    def _protect(self, response: Response) -> Response:
        identity = (request.view_args or {}).get("identity", "")
        back = return_origins(self.store.find("checkout.session", str(identity)))
        policy = (
            "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; "
            f"frame-ancestors 'none'; form-action 'self' {back}"
        )
        response.headers.setdefault("Content-Security-Policy", policy.strip())
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class _Quiet(WSGIRequestHandler):
    """Serves without a line for each request: the demo's terminal belongs to the product."""

    def log_request(self, *_: object) -> None:
        return


def _refuse_real_money(api_key: str, environment: str) -> None:
    if environment == "production":
        raise RefusedToStart("PRACTICE_ENV is production. The sandbox takes no real money, so it does not run there.")
    if api_key.startswith(LIVE_KEYS):
        raise RefusedToStart("The API key is a live one. The sandbox must never see it; use any sk_test_… key.")


def _unbound(_environ: object, _start: object) -> list[bytes]:
    raise RuntimeError("the sandbox has no app yet")


def _error_page(error: HTTPException) -> ResponseReturnValue:
    return render_template("error.html", error=error), error.code or 500
