"""The shape of the numbers and codes that documents carry. Each may stay empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wtforms import BooleanField, StringField, ValidationError

from practice.papers.codes import read_credentials, read_licence, read_npi, read_service_code, read_tin
from practice.setup.forms import SeenForm
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l


def _as(read: Callable[[str], str]) -> Callable[[Any, StringField], None]:
    """Keep what a reader makes of it, or say at the field what is wrong."""

    def check(_form: Any, field: StringField) -> None:
        try:
            field.data = read(field.data or "")
        except ValueError as problem:
            raise ValidationError(_(str(problem))) from None

    return check


class PracticeNumbersForm(SeenForm):
    """The practice's own."""

    tin = StringField(_l("Tax ID (EIN)"), description=_l("Like 12-3456789."), validators=[_as(read_tin)])
    npi = StringField(
        _l("NPI of the practice"), description=_l("Ten digits, where it has one."), validators=[_as(read_npi)]
    )
    estimates = BooleanField(
        _l("Write good faith estimates"),
        description=_l(
            "Shown before payment, and kept. The law of the United States asks for them where people pay themselves."
        ),
    )


class TherapistNumbersForm(SeenForm):
    """A therapist's."""

    credentials = StringField(
        _l("Letters behind the name"), description=_l("Like LMFT."), validators=[_as(read_credentials)]
    )
    npi = StringField(_l("NPI"), description=_l("Ten digits."), validators=[_as(read_npi)])
    licence = StringField(
        _l("License"),
        description=_l("State and number, as an insurer wants to read them."),
        validators=[_as(read_licence)],
    )


class ServiceCodeForm(SeenForm):
    """An offering's."""

    code = StringField(_l("Service code"), description=_l("CPT, like 90847."), validators=[_as(read_service_code)])
