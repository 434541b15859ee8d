"""Errors as pages: one place that turns whatever went wrong into words, a status and a way out."""

from __future__ import annotations

import structlog
from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from practice.database import db, is_contention
from practice.errors import Contended, PracticeError, Unavailable
from practice.languages import N_
from practice.speaking import front_page_in
from practice.speaking import gettext as _

log = structlog.get_logger()

WORDS = {
    400: (N_("We could not read that"), N_("Go back, reload the page and send it once more.")),
    403: (N_("That isn’t allowed from here"), N_("Open the page on this site and try again.")),
    404: (N_("This page isn’t here"), N_("Check the address, or start from the front page.")),
    405: (N_("That can’t be done this way"), N_("Go back and use the buttons on the page.")),
    413: (N_("That is more than we can take"), N_("Shorten what you typed and send it again.")),
    415: (N_("We could not read that"), N_("Go back and use the form on the page.")),
    429: (N_("Too many tries"), N_("Wait a few minutes, then try again. Nothing was changed.")),
    500: (N_("Something went wrong on our side"), N_("Nothing that we confirmed to you is lost. Please try again.")),
}


def register(app: Flask) -> None:
    """Map every error to a page."""
    app.register_error_handler(PracticeError, _refusal)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(Exception, _fault)


def _page(status: int, title: str, explanation: str | None, way_out: str) -> Response:
    title, way_out = _(title), _(way_out)
    if request.path.endswith((".json", ".ics")):
        return Response(f"{title}. {way_out}\n", status, content_type="text/plain; charset=utf-8")
    # in_language: a refusal repeats nothing of its address, so that what isn't there and what isn't yours look alike
    page = render_template(
        "errors/error.html",
        status=status,
        title=title,
        explanation=explanation,
        way_out=way_out,
        in_language=front_page_in,
    )
    return Response(page, status)


def _refusal(error: PracticeError) -> ResponseReturnValue:
    response = _page(error.status, error.title, error.explanation, error.way_out)
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    way_out = N_("Go back, reload the page, and send it again. What you typed is usually still there.")
    return _page(400, N_("This form was open for too long, or in another window"), None, way_out)


def _foreign_host(_error: SecurityError) -> ResponseReturnValue:
    """Another name than ours in Host. No page: without a name that is ours, no address of ours can be built."""
    return Response("This name is not served here.\n", 400, content_type="text/plain; charset=utf-8")


def _http_error(error: HTTPException) -> ResponseReturnValue:
    original = getattr(error, "original_exception", None)
    if isinstance(original, PracticeError):
        return _refusal(original)  # raised after the view, while the answer was being finished
    status = error.code or 500
    if error.response is not None or status < 400:
        return error
    title, way_out = WORDS.get(status, WORDS[500] if status >= 500 else WORDS[400])
    return _page(status, title, None, way_out)


def _database_error(error: OperationalError) -> ResponseReturnValue:
    db.session.rollback()
    return _refusal(Contended() if is_contention(error) else Unavailable())


def _fault(error: Exception) -> ResponseReturnValue:
    # The type and the place say enough; the text of an error can carry what a client typed.
    log.error("unexpected_error", error=type(error).__name__, endpoint=request.endpoint, exc_place=_place(error))
    db.session.rollback()
    title, way_out = WORDS[500]
    return _page(500, title, None, way_out)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else ""
