"""The shape of what a client sends from their own page."""

from __future__ import annotations

from practice.forms import PostedForm


class TakeBackForm(PostedForm):
    """Nothing to type: the button is all."""
