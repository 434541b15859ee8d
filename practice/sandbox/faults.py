"""What goes wrong with the next requests to the API: one fault for each request, in order."""

from __future__ import annotations

import socket
from contextlib import suppress

from flask import Response, g, request

from practice.sandbox.errors import Refusal
from practice.sandbox.store import Body

NOTHING_DONE = {
    "unavailable": (503, "Try again.", None),
    "limited": (429, "Too many requests.", "rate_limit"),
    "conflict": (409, "Another request uses this key.", "idempotency_key_in_use"),
}
ERROR = "error"
FAULTS = {
    "unavailable": "Do nothing, and answer 503",
    "limited": "Do nothing, and answer 429",
    "conflict": "Do nothing, and answer 409",
    ERROR: "Do nothing, answer 500, and answer so again under the same key",
    "lost": "Do it, and answer 503",
    "cut": "Do it, and hang up instead of answering",
    "silent": "Do it, and say nothing until the caller hangs up",
}
PATIENCE = 60  # seconds that we stay silent at most


class Faults:
    """`waiting` is the names of what goes wrong next; anything else there ("fine") lets its request through."""

    def __init__(self) -> None:
        self.waiting: list[str] = []

    def strike(self) -> None:
        """Before a request: take its fault, if one waits.

        :raises Refusal: where nothing is to be done.
        """
        g.fault = self.waiting.pop(0) if self.waiting else None
        if g.fault in NOTHING_DONE:
            status, message, code = NOTHING_DONE[g.fault]
            raise Refusal(status, message, kind="api_error", code=code)
        if g.fault == ERROR and request.method == "GET":
            raise Refusal(500, "An unknown error occurred", kind="api_error")

    def spoil(self, response: Response) -> Response:
        """After a request that was done: lose its answer, if its fault says so."""
        fault = g.get("fault")
        if fault == "lost":
            response.status_code, response.data = 503, b'{"error": {"type": "api_error"}}'
            response.headers["Stripe-Should-Retry"] = "false"
        elif fault in ("cut", "silent"):
            _hang_up(request.environ["werkzeug.socket"], first_wait=fault == "silent")
        return response


def hit_by_error() -> bool:
    """Whether this request is answered 500, for good."""
    return bool(g.get("fault") == ERROR)


def server_error() -> Body:
    """What a 500 says."""
    return {"error": {"type": "api_error", "message": "An unknown error occurred"}}


def _hang_up(line: socket.socket, *, first_wait: bool) -> None:
    """End the connection without an answer; where we wait first, the caller hangs up."""
    with suppress(OSError):
        if first_wait:
            line.settimeout(PATIENCE)
            line.recv(1, socket.MSG_PEEK)  # nothing more is sent: it returns when the other end closes
        line.shutdown(socket.SHUT_RDWR)
