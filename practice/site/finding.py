"""What search engines may know: which pages they may keep, and what the practice is in their terms.

Nothing here knows a client; every address that isn't listed tells them not to keep it. Source: https://schema.org.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for

from practice.booking.offers.models import Offering, Therapist
from practice.booking.prices.amounts import write_amount
from practice.languages import LANGUAGES
from practice.profile import PracticeProfile
from practice.site.articles import Article, articles
from practice.speaking import current_language, site_address

CONTEXT = "https://schema.org"


def findable_paths(therapists: Iterable[Therapist]) -> list[str]:
    """The path of every page that a search engine may keep."""
    pages = [url_for("site.landing"), url_for("site.fees"), url_for("site.privacy"), url_for("intake.schedule")]
    pages += [url_for("site.article", slug=slug) for slug in articles()]
    return pages + [url_for("booking.therapist", slug=therapist.slug) for therapist in therapists]


def in_each_language(path: str) -> dict[str, str]:
    """The addresses of one page by language."""
    return {language: site_address(path, language) for language in LANGUAGES}


def practice_known(
    practice: PracticeProfile, therapists: Iterable[Therapist], offerings: Iterable[Offering]
) -> dict[str, Any]:
    """The practice as a MedicalBusiness: how to reach it, who works there, what a session costs, where to book."""
    known = {
        "@context": CONTEXT,
        "@type": "MedicalBusiness",
        "name": practice.name,
        "url": site_address("/", current_language()),
        "telephone": practice.phone,
        "email": practice.email,
        "address": practice.address,
        "availableLanguage": list(LANGUAGES),
        "employee": [
            {
                "@type": "Person",
                "name": therapist.name,
                "jobTitle": therapist.title,
                "url": site_address(url_for("booking.therapist", slug=therapist.slug), current_language()),
            }
            for therapist in therapists
        ],
        "makesOffer": [
            {
                "@type": "Offer",
                "itemOffered": {"@type": "Service", "name": offering.name},
                "price": write_amount(offering.price),
                "priceCurrency": offering.price.currency,
            }
            for offering in offerings
        ],
        "potentialAction": {"@type": "ReserveAction", "target": site_address("/schedule", current_language())},
    }
    return {name: value for name, value in known.items() if value}


def article_known(article: Article, practice: PracticeProfile) -> dict[str, Any]:
    """An article and who publishes it."""
    return {
        "@context": CONTEXT,
        "@type": "Article",
        "headline": article.title,
        "description": article.summary,
        "inLanguage": current_language(),
        "publisher": {"@type": "Organization", "name": practice.name, "url": site_address("/", current_language())},
    }
