"""The shape of what is sent about documents."""

from __future__ import annotations

from wtforms import HiddenField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from practice.forms import PostedForm
from practice.papers.codes import read_diagnosis
from practice.papers.kinds import Kind
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l


class MakeForm(PostedForm):
    """Which document is wanted, and of what."""

    kind = HiddenField(validators=[InputRequired()])
    about = HiddenField(validators=[Length(max=20)])

    def validate_kind(self, field: HiddenField) -> None:
        if field.data not in list(Kind):
            raise ValidationError(_("There is no such document. Use the buttons on the page."))


class DiagnosisForm(PostedForm):
    """A diagnosis, or that there is none any more. `seen` is the entry that stood when the page was made."""

    seen = HiddenField(validators=[Length(max=20)])
    code = StringField(
        _l("ICD-10-CM code"),
        description=_l("Like F43.23. Empty takes back what stands. Only a statement for insurance ever shows it."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    def validate_code(self, field: StringField) -> None:
        try:
            self.said = read_diagnosis(field.data or "")
        except ValueError as problem:
            raise ValidationError(_(str(problem))) from None
