"""How often somebody may try: sign-in, codes, links. Where the counter can't be reached, the try is refused."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from practice.settings import Settings

limiter = Limiter(key_func=get_remote_address, swallow_errors=False)


def register(app: Flask, settings: Settings) -> None:
    """Count in the store that the settings name; a new app starts from zero where that is this process's memory."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.limiter_storage_url
    limiter.init_app(app)
    # It would look for limits in every request; those of ours stand at their views, which look themselves.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
