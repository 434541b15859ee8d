"""What an owner looks for in the audit log."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import Optional, Regexp, ValidationError

from practice.forms import PostedForm
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l
from practice.staff.audit_queries import Wanted
from practice.staff.audit_words import GROUPS

# Whatever somebody looks for is noted in the log itself, which nothing is ever taken out of: so no words, and no names.
REFERENCE = r"(?:[a-z]{1,3}_[a-z0-9]{1,40}|staff:[0-9]{1,9})\Z"
LONGEST_SUBJECT = 60
GROUP_CHOICES = [
    SelectChoice("", _l("Anything")),
    *(SelectChoice(key, _l(group.label)) for key, group in GROUPS.items()),
]


class LogDayField(DateField):
    """A day of the practice's calendar."""

    def process_formdata(self, valuelist: Any) -> None:
        try:
            super().process_formdata(valuelist if any(valuelist) else [])
        except ValueError:
            raise ValueError(_("Write the date like 2027-05-31.")) from None


class WantedForm(PostedForm):
    """Filters, in the page's address: all of them may be left empty."""

    who = SelectField(_l("Who"), default="")
    what = SelectField(_l("What"), choices=GROUP_CHOICES, default="")
    subject = StringField(
        _l("About"),
        description=_l(
            "The reference of a request, session, person or couple. No name: the log keeps what is looked for."
        ),
        filters=[lambda typed: (typed or "").strip()],
        validators=[Optional(), Regexp(REFERENCE, message=_l("Write a reference, as in i_7k2m9, or leave it empty."))],
        render_kw={
            "maxlength": LONGEST_SUBJECT,
            "autocomplete": "off",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )
    first = LogDayField(_l("From"), validators=[Optional()])
    last = LogDayField(_l("Until"), validators=[Optional()])

    def __init__(self, *given: Any, who_choices: dict[str, str]) -> None:
        super().__init__(*given)
        self.who.choices = who_choices

    def validate_last(self, field: DateField) -> None:
        if self.first.data is not None and field.data is not None and field.data < self.first.data:
            raise ValidationError(_("This day is before the first. Swap the two."))

    @property
    def wanted(self) -> Wanted:
        """What to look for; after validation only."""
        who, what, subject = self.who.data or "", self.what.data or "", self.subject.data or ""
        return Wanted(who, what, subject, self.first.data, self.last.data)

    @property
    def asked(self) -> dict[str, str]:
        """The filters that are not empty, as they stand in the address."""
        found = {name: (one.raw_data or [""])[0] for name, one in self._fields.items()}
        return {name: said for name, said in found.items() if said}
