"""The shape of what the list of requests is sent."""

from __future__ import annotations

import re

from flask import request
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from practice.forms import PostedForm
from practice.intake.checks import PlainText
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

LONGEST_NAME = 40
LONGEST_SEARCH = 80
MOST_PICKED = 200
PICKED = re.compile(r"(?P<reference>i_[a-z0-9]{1,18}) (?P<owner>(staff:\d{1,9})?)")


class SearchForm(PostedForm):
    """A search by first name or reference. It is no part of an address: a name has no place there."""

    text = StringField(
        _l("Search by first name or reference"),
        validators=[
            Length(max=LONGEST_SEARCH, message=_l("A search takes %(most)s characters at most.", most=LONGEST_SEARCH)),
            PlainText(),
        ],
        render_kw={"maxlength": LONGEST_SEARCH, "autocomplete": "off", "type": "search"},
    )


class NamedForm(PostedForm):
    """The name of a saved view."""

    name = StringField(
        _l("Name of the view"),
        validators=[
            DataRequired(_l("Give the view a name.")),
            Length(max=LONGEST_NAME, message=_l("A name takes %(most)s characters at most.", most=LONGEST_NAME)),
            PlainText(),
        ],
        render_kw={"maxlength": LONGEST_NAME, "autocomplete": "off"},
    )


class ViewForm(NamedForm):
    """A new view: its name, and what it shows as an address says it."""

    query = HiddenField(validators=[Length(max=300)])


class GiveForm(PostedForm):
    """Whose several requests become. Each that was picked comes with the owner whom the list showed."""

    to = SelectField(_l("Hand over to"), coerce=int, validators=[InputRequired(_l("Choose somebody."))])

    def validate_to(self, _field: SelectField) -> None:
        """Somebody must have picked something, and what they picked must be readable."""
        picked = request.form.getlist("pick")
        if not picked:
            raise ValidationError(_("Pick at least one request."))
        if len(picked) > MOST_PICKED or not all(PICKED.fullmatch(one) for one in picked):
            raise ValidationError(_("Pick the requests once more: what was sent could not be read."))

    def seen_owners(self) -> dict[str, str]:
        """The owner whom the list showed, by the reference of what was picked; empty for none."""
        found = (PICKED.fullmatch(one) for one in request.form.getlist("pick"))
        return {one["reference"]: one["owner"] for one in found if one is not None}
