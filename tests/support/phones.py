"""Authenticator apps: what the phone of somebody at the desk shows."""

from __future__ import annotations

import re

from passlib.totp import TOTP

from tests.support.browsing import Browser
from tests.support.clock import FrozenClock

CODE_PAGE = "/staff/two-factor/code"


def connect(browser: Browser, clock: FrozenClock) -> TOTP:
    """Set the second factor up, as the pages tell; the app that shows its codes from now on."""
    page = browser.submit("/staff/two-factor", form="two-factor")
    key = re.search(r"<code>([A-Z0-9\- ]+)</code>", page.text)
    assert key is not None, page.text
    app = TOTP(key=key.group(1))
    answer = browser.send_form(page, {"code": code_of(app, clock)}, form=CODE_PAGE)
    assert answer.status_code == 302
    return app


def code_of(app: TOTP, clock: FrozenClock) -> str:
    """What the app shows now."""
    return str(app.generate(time=clock.now()).token)
