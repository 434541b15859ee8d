"""The web process: gunicorn with this app."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

# A browser opens connections ahead of time, and each keeps a thread for up to five seconds: one thread is too few.
# Threads wait on one another, too: of holds by eight clients on SQLite, 99 % came within 140 ms with two threads and
# within 60 ms with one.
THREADS = 2


class Server(BaseApplication):  # type: ignore[misc]
    """Serve on `bind` with `workers` processes until told to stop. Each makes its own app, after the fork."""

    def __init__(self, make_app: Callable[[], Flask], *, bind: str, workers: int) -> None:
        self._make_app = make_app
        self._options: dict[str, Any] = {
            "bind": bind,
            "workers": workers,
            "threads": THREADS,
            "worker_class": "gthread",
            "graceful_timeout": 8,
            "timeout": 30,
            "keepalive": 5,
            "limit_request_line": 4094,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        app = self._make_app()
        # What the app is made of stays: looking through all of it for garbage took as long as several pages.
        gc.collect()
        gc.freeze()
        return app
