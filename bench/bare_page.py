"""The limit of the page of times: the same templates, with everything that they show ready beforehand.

It runs on the same server. No session, no client, no query, no slot and no zone is looked up for it; what is left is
what Jinja and Flask take for a page of this size. What could be saved in the templates themselves is not seen here.
"""

import os
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask.typing import ResponseReturnValue

from practice import create_app
from practice.booking import routes
from practice.profile import profile

CONSTANT = ("leave_address", "emergency_number", "csrf_token")
PROFILE = ("name", "zone", "email", "phone", "address")


def make_app() -> Flask:
    """The app; its page is that of PAGE_PATH, as a browser with PAGE_COOKIE gets it from the practice."""
    practice = create_app()
    template, shown = _what_it_shows(practice, os.environ["PAGE_PATH"], os.environ["PAGE_COOKIE"])
    page = practice.jinja_env.get_template(template)
    bare = Flask(__name__)

    @bare.get("/healthz")
    def health() -> ResponseReturnValue:
        return "", 204

    @bare.get("/times")
    def times() -> ResponseReturnValue:
        return page.render(shown)

    return bare


def _what_it_shows(practice: Flask, path: str, cookie: str) -> tuple[str, dict[str, Any]]:
    """The template of the page and all its values; what templates ask for by themselves is made constant, too."""
    kept: list[tuple[str, dict[str, Any]]] = []
    known: dict[str, Any] = practice.jinja_env.globals

    def keep(template: str, **values: Any) -> str:
        for name in CONSTANT:
            known[name] = partial(str, known[name]())
        known.update(url_for=lru_cache(practice.url_for), get_flashed_messages=list)
        values["practice"] = SimpleNamespace(**{name: getattr(profile(), name) for name in PROFILE})
        kept.append((template, values))
        return practice.jinja_env.get_template(template).render(values)  # fills what is remembered from now on

    with patch.object(routes, "render_template", keep):
        practice.test_client(use_cookies=False).get(path, headers={"Cookie": cookie})
    return kept[0]
