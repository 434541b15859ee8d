"""Logs by an allow-list of fields: what is not on the list is dropped, so that client data can't slip in."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "method", "endpoint", "status", "milliseconds", "kind", "handler", "error",
        "exc_place", "tries", "reference", "count", "session_id", "event_id", "state", "process",
    }
)  # fmt: skip

log = structlog.get_logger()


def keep_allowed(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list."""
    return {name: value for name, value in entry.items() if name in ALLOWED}


def configure(level: int = logging.INFO) -> None:
    """Set up the logs of this process: one JSON object a line, on standard error, from this level up."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def register(app: Flask) -> None:
    """Log each request by the name of its route: addresses hold references and tokens, so they stay out."""

    @app.before_request
    def start() -> None:
        g.started = time.monotonic()

    @app.after_request
    def log_request(response: Response) -> Response:
        if request.endpoint != "static":
            log.info(
                "request",
                method=request.method,
                endpoint=request.endpoint,
                status=response.status_code,
                milliseconds=round((time.monotonic() - g.get("started", time.monotonic())) * 1000, 1),
            )
        return response
