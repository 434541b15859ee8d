"""Whether clients can read everything that the practice wrote itself in their own language."""

from __future__ import annotations

from collections.abc import Iterator

from practice.booking.offers.queries import find_offerings_on_offer, find_therapists
from practice.consents.queries import find_texts
from practice.consents.queries import find_untold as find_untold_documents
from practice.intake.lines import find_untold as find_untold_lines
from practice.languages import DEFAULT, IN, OTHERS
from practice.opening.finding import Finding
from practice.presenting import listing
from practice.review.referrals import find_offered
from practice.speaking import gettext as _


def examine_own_words() -> list[Finding]:
    """Look at each thing whose words clients read, for each language besides English; in an app context."""
    return [_examine(language) for language in OTHERS]


def _examine(language: str) -> Finding:
    found = list(_untold(language))
    in_language = _(IN[language])
    return Finding(
        not found,
        _("your own words that clients read, %(language)s", language=in_language),
        _(
            "Not written %(language)s yet, so they are shown in English: %(those)s. Write them under Setting up.",
            language=in_language,
            those=listing(found),
        ),
    )


def _untold(language: str) -> Iterator[str]:
    """What each thing is called that isn't written in this language."""
    for therapist in find_therapists():
        if language in therapist.lacking():
            yield _("therapist %(name)s", name=therapist.name)
    for offering in find_offerings_on_offer():
        if language in offering.lacking():
            yield _("offering “%(name)s”", name=offering.english_name)
    for line in find_untold_lines():
        if language in line.lacking():
            yield _("help line %(name)s", name=line.name)
    for key, languages in find_untold_documents().items():
        if language in languages:
            yield _("agreement “%(title)s”", title=find_texts(key)[DEFAULT].title)
    for referral in find_offered():
        if language in referral.lacking():
            yield _("referral %(name)s", name=referral.name)
