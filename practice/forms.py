"""The base of our forms, and what a form is that was sent for another language alone."""

from __future__ import annotations

from typing import Self

from flask import request
from flask_wtf import FlaskForm

ONLY_LANGUAGE = "only_language"  # the name of the buttons of macros/languages.html


def only_switches_language() -> bool:
    """Whether this form was sent to be shown once more, in another language, with what is typed in it so far.

    Its view then does what it does for whoever opens the page: nothing is checked, nothing kept.
    """
    return request.method == "POST" and ONLY_LANGUAGE in request.form


class NamedError(str):
    """An error that names its question, as a list of errors needs it. `here` is what the question itself shows."""

    here: str

    def __new__(cls, named: str, here: str) -> Self:
        made = super().__new__(cls, named)
        made.here = here
        return made


class PostedForm(FlaskForm):  # type: ignore[misc]
    """A form without a token of its own: access.csrf has looked at the request's before any view, once for all."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False

    def is_submitted(self) -> bool:
        """Whether it was sent to be acted on. One that only changes its language holds what was typed, and wasn't."""
        return bool(super().is_submitted()) and not only_switches_language()
