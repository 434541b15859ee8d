"""The limit of the page of times: the same templates, with everything that they show ready beforehand.

It runs on the same server. No session, no client, no query, no slot and no zone is looked up for it; what is left is
what Jinja and Flask take for a page of this size. The days are rendered each time here, from words that are ready.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask.typing import ResponseReturnValue

from practice import create_app
from practice.booking import routes
from practice.booking.showing import ShownTime, by_date, shown_times
from practice.profile import profile

CONSTANT = ("leave_address", "emergency_number", "csrf_token")
PROFILE = ("name", "zone", "email", "phone", "address")


@dataclass(frozen=True)
class ReadyDay:
    """A day whose words are ready and whose markup is not."""

    draw: Callable[[date, list[ShownTime]], str]
    day: date
    times: list[ShownTime]

    def __html__(self) -> str:
        return self.draw(self.day, self.times)


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

    draw = practice.jinja_env.get_template("macros/days.html").module.to_choose  # type: ignore[attr-defined]

    def ready_days(starts: Iterable[datetime], zone: str) -> list[ReadyDay]:
        return [ReadyDay(draw, day, shown_times(of_day, zone)) for day, of_day in by_date(starts, zone)]

    with patch.object(routes, "render_template", keep), patch.object(routes, "days_to_choose", ready_days):
        practice.test_client(use_cookies=False).get(path, headers={"Cookie": cookie})
    return kept[0]
