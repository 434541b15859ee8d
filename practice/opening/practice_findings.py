"""Whether the practice itself is as it should be: who signs in, what is asked, promised and offered, its keys."""

from __future__ import annotations

from datetime import datetime

from practice.booking.offers import queries
from practice.booking.offers.models import Therapist
from practice.clock import clock
from practice.errors import Unavailable
from practice.intake.desk import desk_hours
from practice.intake.documents import current_edition
from practice.intake.lines import find_old
from practice.opening.finding import Finding
from practice.opening.own_word_findings import examine_own_words
from practice.profile import profile
from practice.rights import rotation
from practice.speaking import gettext as _
from practice.speaking import spoken
from practice.staff.models import CLINICIAN
from practice.staff.queries import find_owners, find_with_roles


def examine_practice() -> list[Finding]:
    """Look at what stands in the database, in an app context; nobody else is asked."""
    now = clock().now()
    try:
        name = profile().name
    except Unavailable:
        mend = _("Run: practice first-run, and open the address that it says.")
        return [Finding(False, _("practice profile"), mend)]
    return [
        Finding(True, _("practice profile (%(name)s)", name=name)),
        Finding(bool(find_owners()), _("an owner who can sign in"), _("Run: practice first-run")),
        _questions(),
        Finding(
            desk_hours(now).known,
            _("desk hours that clients can be promised"),
            _("Say them under Setting up, Desk hours."),
        ),
        Finding(
            bool(find_with_roles(CLINICIAN)),
            _("a clinician who reads urgent notices"),
            _("Without one they go to the owner, who can't open “Just for you”. Give somebody the role."),
        ),
        _help_lines(now),
        *examine_own_words(),
        *examine_keys(now),
        *(_therapist(therapist) for therapist in queries.find_therapists()),
    ]


def _questions() -> Finding:
    edition = current_edition()
    what = _("questions, as you published them") if edition.number else _("questions, as shipped")
    if not edition.problems:
        return Finding(True, what)
    mend = _("Clients are asked what was published last, until you mend it under Setting up, Questions.")
    said = " ".join(spoken(problem.words) for problem in edition.problems)
    return Finding(False, _("your changes to the questions fit what ships now"), f"{mend} {said}")


def _help_lines(now: datetime) -> Finding:
    old = find_old(now.date())
    names = ", ".join(dict.fromkeys(line.name for line in old))
    mend = _(
        "Checked over six months ago: %(names)s. Dial them or look them up, and note it under Setting up, Help lines.",
        names=names,
    )
    return Finding(not old, _("help lines, each checked within six months"), mend)


def examine_keys(now: datetime) -> list[Finding]:
    """Look at the master keys, in an app context: none missing, all of one age, and that not above a year."""
    missing, left = rotation.missing_masters(), rotation.count_left()
    put_back = _(
        "Missing: %(keys)s. Put them back into the keys file from your copy of that file.", keys=", ".join(missing)
    )
    return [
        Finding(not missing, _("every master key that wraps something is in the keys file"), put_back),
        Finding(
            not left,
            _("every key is wrapped by the current master key"),
            _("%(left)s are not. Run: practice rotate-keys", left=left),
        ),
        Finding(
            not rotation.is_old(now),
            _("the current master key is younger than a year"),
            _("Make a new one: practice rotate-keys"),
        ),
    ]


def _therapist(therapist: Therapist) -> Finding:
    what = _("therapist %(slug)s can be booked", slug=therapist.slug)
    if not therapist.weekly_hours:
        return Finding(False, what, _("There are no opening hours."))
    if not therapist.offerings:
        return Finding(False, what, _("There are no offerings."))
    if any(offering.place == "video" for offering in therapist.offerings) and not therapist.join_link:
        return Finding(False, what, _("A video session is offered, and there is no join link."))
    return Finding(True, what)
