"""The base of our forms."""

from __future__ import annotations

from flask_wtf import FlaskForm


class PostedForm(FlaskForm):  # type: ignore[misc]
    """A form without a token of its own: access.csrf has looked at the request's before any view, once for all."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False
