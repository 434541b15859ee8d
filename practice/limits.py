"""How often somebody may try: sign-in, codes, links. Where the counter can't be reached, the try is refused."""

from __future__ import annotations

import time
from threading import Lock

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import Storage

from practice.settings import Settings

limiter = Limiter(key_func=get_remote_address, swallow_errors=False)

SWEPT_EVERY = 60  # seconds


class Tally(Storage):
    """Counts in this process's memory, each from its first try to the end of its window.

    It stands for `memory://` in place of the one that limits brings, which starts a thread at nearly every try to
    forget what is over. Here one try in a minute does that.
    """

    STORAGE_SCHEME = ["memory"]
    base_exceptions = ()  # nothing here can fail

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._lock = Lock()
        self._tries: dict[str, tuple[int, float]] = {}  # how many, and when their window ends
        self._swept = time.time()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time.time()
        with self._lock:
            if now - self._swept >= SWEPT_EVERY:
                self._sweep(now)
            count, ends = self._standing(key, now) or (0, now + expiry)
            self._tries[key] = (count + amount, ends)
        return count + amount

    def get(self, key: str) -> int:
        standing = self._standing(key, time.time())
        return standing[0] if standing else 0

    def get_expiry(self, key: str) -> float:
        now = time.time()
        standing = self._standing(key, now)
        return standing[1] if standing else now

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            held = len(self._tries)
            self._tries.clear()
        return held

    def clear(self, key: str) -> None:
        with self._lock:
            self._tries.pop(key, None)

    def _standing(self, key: str, now: float) -> tuple[int, float] | None:
        found = self._tries.get(key)
        return found if found and found[1] > now else None

    def _sweep(self, now: float) -> None:
        self._tries = {key: found for key, found in self._tries.items() if found[1] > now}
        self._swept = now


def register(app: Flask, settings: Settings) -> None:
    """Count in the store that the settings name; a new app starts from zero where that is this process's memory."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.limiter_storage_url
    limiter.init_app(app)
    # It would look for limits in every request; those of ours stand at their views, which look themselves.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
