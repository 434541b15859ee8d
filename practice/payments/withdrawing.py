"""What a client is asked before they pay for a session that lies inside the time in which they could withdraw."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired

from practice.booking.models import Booking
from practice.booking.withdrawal import keep_request, request_text
from practice.clock import clock
from practice.forms import PostedForm
from practice.payments.errors import OtherWords
from practice.payments.fees.policy import fingerprint
from practice.speaking import lazy_gettext as _l
from practice.work import Work

NEEDED = _l("Tick this if you want the session then. Otherwise choose a time further ahead.")


class SessionAskedForm(PostedForm):
    """The client's own words: they want the session inside that time. Never ticked for them.

    `asked_shown` is the `mark` of the words under which they ticked.
    """

    hold_it_then = BooleanField(validators=[InputRequired(NEEDED)])
    asked_shown = HiddenField()

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()
        self.hold_it_then.label.text = text

    @property
    def mark(self) -> str:
        """Of the words that are shown: another language has another."""
        return fingerprint(self.text)

    def keep(self, work: Work, booking: Booking) -> None:
        """Keep that they asked for it, in the words that they read.

        :raises OtherWords: when they ticked it under other words; the tick is taken out again.
        """
        if self.asked_shown.data != self.mark:
            self.hold_it_then.data = False
            raise OtherWords
        keep_request(work, booking, self.text)


def session_asked_form(booking: Booking, *, reviewed: bool) -> SessionAskedForm | None:
    """What is asked for this booking; None where nothing has to be."""
    text = request_text(booking, clock().now(), reviewed=reviewed)
    return SessionAskedForm(text) if text is not None else None
