"""The page of the design. It is there in the demo alone: a practice's staff have no use for it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from practice.access import staff
from practice.booking.showing import days_to_choose, days_to_read
from practice.design import forms, samples
from practice.errors import NotFound
from practice.settings import settings
from practice.staff.models import ROLES

bp = Blueprint("design", __name__, url_prefix="/staff/design")


@bp.get("")
@staff(*ROLES)
def page() -> ResponseReturnValue:
    """Every component in every state."""
    if not settings().demo:
        raise NotFound
    return render_template(
        "design/page.html",
        samples=samples,
        plot=samples.trust_of_two(),
        to_choose=days_to_choose(samples.TO_CHOOSE, samples.ZONE),
        to_read=days_to_read(samples.TO_READ, samples.ZONE),
        empty=forms.empty(),
        filled=forms.filled(),
        wrong=forms.wrong(),
        closed=forms.closed(),
    )
