"""A page that needs no server behind it: whatever it shows is in it."""

from __future__ import annotations

from pathlib import Path

from flask import current_app
from jinja2 import Template
from markupsafe import Markup

from practice.languages import LANGUAGES
from practice.profile import profile
from practice.speaking import speaking


def page_for_maintenance() -> str:
    """What is shown while the program is away, as HTML that asks for no other file, with the practice's own numbers.

    Nobody is there to ask which language a reader prefers, so it says everything in each.
    """
    stylesheet = (Path(str(current_app.static_folder)) / "css" / "practice.css").read_text(encoding="utf-8")
    practice = profile()
    words = {}
    for language in LANGUAGES:
        with speaking(language):
            words[language] = Markup(_template("away_words.html").render(practice=practice))  # noqa: S704 - escaped there
    return _template("away.html").render(practice=practice, stylesheet=Markup(stylesheet), words=words)  # noqa: S704


def _template(name: str) -> Template:
    return current_app.jinja_env.get_template(f"errors/{name}")
