"""What a client ticks about having their card kept."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField

from practice.forms import PostedForm


class KeepCardForm(PostedForm):
    """Whether the card is kept for fees. `fees_shown` is what the page said they are (FeeTerms.mark)."""

    keep_card = BooleanField()
    fees_shown = HiddenField()


class PlainForm(PostedForm):
    """Nothing to type: the button is all."""
