"""The shape of what staff send about a feed."""

from __future__ import annotations

import re
from typing import Any

from wtforms import RadioField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from practice.calendars.models import Detail, Feed
from practice.forms import PostedForm
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

LONGEST_NAME = 60
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
OF_ONE = {
    Detail.SESSION: _l("“Session”"),
    Detail.BUSY: _l("“Busy”, without a link to the desk: for a calendar that others see"),
    Detail.INITIALS: _l("Initials of whoever comes: “Session: A. and B.”"),
    Detail.FIRST_NAMES: _l("First names of whoever comes: “Session: Ana and Ben”"),
}
OF_EVERYBODY = {
    Detail.SESSION: _l("“Session” and whose it is: “Session – Dana Weiss”"),
    Detail.BUSY: _l("“Busy” and who is: “Busy – Dana Weiss”"),
}


class FeedForm(PostedForm):
    """What a feed is called and what it says. `everybodys`: it is the whole practice's, which names no client."""

    name = StringField(
        _l("Where it is read"),
        description=_l("So that you know it again, such as Phone or Home. Nobody else sees this."),
        filters=[lambda typed: (typed or "").strip()],
        validators=[
            DataRequired(_l("Write where this calendar is read, such as Phone.")),
            Length(max=LONGEST_NAME, message=_l("Use %(most)s characters at most.", most=LONGEST_NAME)),
        ],
    )
    detail = RadioField(_l("What it says of a session"), validators=[InputRequired(_l("Choose what it says."))])

    def __init__(self, *args: Any, everybodys: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_name = not everybodys
        allowed = OF_EVERYBODY if everybodys else OF_ONE
        self.detail.choices = [(detail.value, words) for detail, words in allowed.items()]

    def validate_name(self, field: StringField) -> None:
        if UNSEEN.search(field.data or ""):
            raise ValidationError(_("Write it in one line, with letters, digits and signs."))

    @classmethod
    def new(cls, *, everybodys: bool) -> FeedForm:
        """An empty one, with what most choose."""
        return cls(formdata=None, everybodys=everybodys, data={"detail": Detail.SESSION.value})

    @classmethod
    def of(cls, feed: Feed) -> FeedForm:
        """One that says how a feed stands."""
        stands = {"name": feed.name, "detail": feed.detail.value}
        return cls(formdata=None, everybodys=feed.therapist_id is None, data=stands)

    @property
    def chosen(self) -> Detail:
        """What it is to say; ask after it was validated."""
        return Detail(self.detail.data)
