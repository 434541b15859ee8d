"""How each language says the places of practice.regions, whose own names are English. Pure."""

from __future__ import annotations

import unicodedata

from babel import Locale

PARTS = {
    "es": {
        "US-DC": "Distrito de Columbia", "US-HI": "Hawái", "US-LA": "Luisiana", "US-MI": "Míchigan",
        "US-MO": "Misuri", "US-MS": "Misisipi", "US-NC": "Carolina del Norte", "US-ND": "Dakota del Norte",
        "US-NH": "Nuevo Hampshire", "US-NJ": "Nueva Jersey", "US-NM": "Nuevo México", "US-NY": "Nueva York",
        "US-OR": "Oregón", "US-PA": "Pensilvania", "US-SC": "Carolina del Sur", "US-SD": "Dakota del Sur",
        "US-WV": "Virginia Occidental",
        "CA-BC": "Columbia Británica", "CA-NB": "Nuevo Brunswick", "CA-NL": "Terranova y Labrador",
        "CA-NS": "Nueva Escocia", "CA-NT": "Territorios del Noroeste", "CA-PE": "Isla del Príncipe Eduardo",
        "CA-YT": "Yukón",
        "GB-ENG": "Inglaterra", "GB-NIR": "Irlanda del Norte", "GB-SCT": "Escocia", "GB-WLS": "Gales",
    }
}  # fmt: skip
GROUPS = {
    "es": {
        "United States": "Estados Unidos",
        "Canada": "Canadá",
        "United Kingdom": "Reino Unido",
        "Other countries": "Otros países",
    }
}


def said_place(code: str, english: str, language: str, locale: str) -> str:
    """A place in a language; its English name where that language says no other."""
    if language not in PARTS:
        return english
    if "-" in code:
        return PARTS[language].get(code, english)
    return str(Locale.parse(locale).territories.get(code, english))


def said_group(english: str, language: str) -> str:
    """A group of places in a language."""
    return GROUPS.get(language, {}).get(english, english)


def in_order(name: str) -> str:
    """What places are sorted by: an accent makes no other letter, as people look them up."""
    return "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))
