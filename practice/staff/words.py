"""How pages say what is kept as a code or in English: roles, browsers and details of the access log."""

from __future__ import annotations

import re
from collections.abc import Iterable

from practice import audit
from practice.booking.offers.models import Therapist
from practice.languages import N_
from practice.presenting import listing
from practice.speaking import gettext as _
from practice.staff.audit_words import DETAILS, LISTS, VALUES
from practice.staff.browsers import parts_of
from practice.staff.models import CLINICIAN, COORDINATOR, OWNER, THERAPIST

ROLE_NAMES = {
    OWNER: N_("owner"),
    CLINICIAN: N_("clinician"),
    COORDINATOR: N_("coordinator"),
    THERAPIST: N_("therapist"),
}
NUMBER = re.compile("[0-9]+")
BREACHES = {
    audit.MISSING: N_("Audit entry %(number)s is missing."),
    audit.CHANGED: N_("Audit entry %(number)s was changed."),
    audit.CUT: N_("The audit log ends at entry %(number)s, and its head says otherwise."),
}


def roles_said(names: Iterable[str]) -> str:
    """These roles in a sentence, in their own order, not that of a language."""
    return listing([_(ROLE_NAMES[name]) for name in sorted(names)])


def roles_as(names: Iterable[str], therapist: Therapist | None) -> str:
    """The same, and who the account is, if it is a therapist's."""
    said = roles_said(names)
    return _("%(roles)s, as %(name)s", roles=said, name=therapist.name) if therapist is not None else said


def browser_said(family: str) -> str:
    """A browser as browsers.family_of() has named it."""
    browser, system = parts_of(family)
    return _("%(browser)s on %(system)s", browser=_(browser), system=_(system)) if system else _(browser)


def breach_said(kept: str) -> str:
    """One of the sentences of audit.verify(), which are kept in English."""
    [number, *_more] = NUMBER.findall(kept) or [""]
    known = BREACHES.get(NUMBER.sub("{}", kept))
    return _(known, number=number) if known else f"{kept.capitalize()}."


def detail_said(name: str, value: str) -> str:
    """A detail of an entry: what its name is called, and what it says. One of an earlier version by its own name."""
    said = _value_said(name, value)
    return _(DETAILS[name], value=said) if name in DETAILS else f"{name}: {said}"


def about_said(subject: str) -> str:
    """What an entry is about: a list by its name in words, a page that somebody was not let into, a reference."""
    return _(LISTS[subject]) if subject in LISTS else subject


def _value_said(name: str, value: str) -> str:
    if name == "roles":
        known = [_(ROLE_NAMES[role]) if role in ROLE_NAMES else role for role in value.split(",")]
        return listing(known)
    codes = VALUES.get(name, {})
    return _(codes[value]) if value in codes else value
