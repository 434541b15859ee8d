"""In which language an answer speaks, and how code says a sentence in it.

English sentences are the keys. Each language has a folder of catalogues (translations/es/LC_MESSAGES/*.po, one for each
room); what no catalogue has is said in English. docs/languages.md tells how to add a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

import flask_babel
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, current_app, has_request_context, request
from sqlalchemy import ScalarSelect, SQLColumnExpression, select
from sqlalchemy.exc import SQLAlchemyError

from practice.access import is_staff_path
from practice.database import db
from practice.errors import PracticeError, Unavailable
from practice.languages import DEFAULT, LANGUAGES, LOCALES, Sentence, preferred
from practice.people import current_visitor
from practice.settings import settings
from practice.telling.tongue import Tongue
from practice.telling.tongues import TONGUES

CATALOGUES = Path(__file__).parent / "translations"
TELLING = TONGUES
ASKED = "lang"  # in an address, and the cookie's name
REMEMBERED = 365 * 24 * 3600  # seconds
STAFF_LANGUAGE = "practice.staff_language"  # how the app learns what a signed-in member of staff reads
THERAPIST_LANGUAGE = "practice.therapist_language"  # and what a therapist does, who isn't being answered

TherapistId = int | SQLColumnExpression[int | None]
TherapistLanguage = Callable[[TherapistId], ScalarSelect[str]]


class _Catalogues(flask_babel.Domain):  # type: ignore[misc]
    """Reads catalogues as they are written, so that nothing compiled has to be kept in step with them."""

    def get_translations(self) -> NullTranslations:
        return translations(current_language())


class _Babel(flask_babel.Babel):  # type: ignore[misc]
    domain_instance = _Catalogues()


@lru_cache
def translations(language: str) -> NullTranslations:
    """Every sentence of a language. English needs none: its sentences are the keys."""
    if language == DEFAULT:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, whole_catalogue(language))
    compiled.seek(0)
    found = Translations(compiled)
    found._catalog.pop("", None)  # gettext keeps the head of a file as what "" means: nothing stays nothing
    return found


def whole_catalogue(language: str) -> Catalog:
    """The catalogues of all rooms as one."""
    whole = Catalog(locale=language)
    for path in sorted((CATALOGUES / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    whole[message.id] = message
    return whole


def current_language() -> str:
    """The language of this answer or letter: one of LANGUAGES. English where nobody is being answered."""
    locale = flask_babel.get_locale()
    return locale.language if locale is not None else DEFAULT


def current_locale() -> str:
    """The same, as Babel's formats want it."""
    return LOCALES[current_language()]


def therapist_language() -> TherapistLanguage:
    """What a therapist reads, to be asked in a statement about more; NULL where they have no account at the desk."""
    return cast(TherapistLanguage, current_app.extensions[THERAPIST_LANGUAGE])


def language_of_therapist(therapist_id: int) -> str:
    """What a therapist reads: what their account at the desk says; English where they have none."""
    return db.session.scalar(select(therapist_language()(therapist_id))) or DEFAULT


def telling() -> Tongue:
    """How that language says times, dates and zones."""
    return TELLING[current_language()]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything inside in this language, whoever is being answered; needs an app context."""
    with flask_babel.force_locale(language):
        yield


def gettext(message: str, **values: object) -> str:
    """A sentence in the language of this answer; `%(name)s` stands for a value."""
    return cast(str, flask_babel.gettext(message, **values))


def ngettext(one: str, several: str, num: int, **values: object) -> str:
    """A sentence that depends on a number, which it may say as `%(num)s`."""
    return cast(str, flask_babel.ngettext(one, several, num, **values))


def pgettext(context: str, message: str, **values: object) -> str:
    """A sentence whose English says two things; the context tells which."""
    return cast(str, flask_babel.pgettext(context, message, **values))


def lazy_gettext(message: str, **values: object) -> str:
    """A sentence of a class or a constant: it is looked up each time that it is said."""
    return cast(str, flask_babel.lazy_gettext(message, **values))


def spoken(text: str, names: Mapping[str, str] | None = None) -> str:
    """A sentence of a pure file in the language of this answer; any other text as it is.

    `names`: what texts that stand in it as values are called in that language.
    """
    if not isinstance(text, Sentence):
        return (names or {}).get(text, text)
    values = {name: spoken(one, names) if isinstance(one, str) else one for name, one in text.values.items()}
    return gettext(text.message, **values)


def refusal_said(refused: PracticeError) -> str:
    """Why something was refused and what to do, for a place beside a field or above a page."""
    return f"{gettext(refused.title)}. {gettext(refused.way_out)}"


def site_address(path: str, language: str) -> str:
    """The whole address of one of our pages in a language. English, which is spoken unasked, has the plain one."""
    asked = "" if language == DEFAULT else "?" + urlencode({ASKED: language})
    return f"{settings().base_url}{path}{asked}"


def front_page_in(language: str) -> str:
    """The address of the front page in a language; of the desk's own from there."""
    return f"{'/staff' if is_staff_path(request.path) else '/'}?{ASKED}={language}"


def addressed(language: str) -> str:
    """The address of this very page in a language; of the front page, or the desk's, where this one answered a form."""
    if request.endpoint is None or request.method not in ("GET", "HEAD"):
        return front_page_in(language)
    return here_in(language)


def here_in(language: str) -> str:
    """The address that was asked for, in a language: a form that is sent to its own page is answered in it."""
    kept = {**request.args.to_dict(flat=False), ASKED: [language]}
    return f"{quote(request.path)}?{urlencode(kept, doseq=True)}"


def asked_language() -> str:
    """The language that this request asks for by itself: nothing that is remembered of whoever sends it."""
    asked = request.args.get(ASKED, "")
    return asked if asked in LANGUAGES else preferred(request.headers.get("Accept-Language", ""))


def register(app: Flask) -> None:
    """Have pages answered in the language that was asked for, else the one remembered, else the one that whoever is
    signed in at the desk chose, else the one of the letters to whoever is at home in this browser, else the one
    preferred.
    """
    _Babel().init_app(app, default_locale=DEFAULT, locale_selector=_of_this_answer)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.filters["spoken"] = spoken
    app.jinja_env.globals.update(
        current_language=current_language,
        current_locale=current_locale,
        languages=tuple(LANGUAGES),
        other_languages=lambda: [(code, name) for code, name in LANGUAGES.items() if code != current_language()],
        in_language=addressed,
        here_in=here_in,
        site_address=site_address,
    )

    @app.after_request
    def remember(response: Response) -> Response:
        if request.endpoint == "static" or response.cache_control.public:
            return response  # the same for everybody: shared caches keep it
        response.vary.update(("Accept-Language", "Cookie"))
        asked = request.args.get(ASKED)
        if asked in LANGUAGES and asked != request.cookies.get(ASKED):
            response.set_cookie(ASKED, asked, max_age=REMEMBERED, **_cookie(app))
        return response


def forget_asked(response: Response) -> None:
    """Have this browser forget which language was asked for, so that the one that its reader chose counts again."""
    if ASKED in request.cookies:
        response.delete_cookie(ASKED, **_cookie(current_app))


def _cookie(app: Flask) -> dict[str, Any]:
    return {"secure": app.config["SESSION_COOKIE_SECURE"], "httponly": True, "samesite": "Lax"}


def _of_this_answer() -> str:
    if not has_request_context():
        return DEFAULT
    for said in (request.args.get(ASKED), request.cookies.get(ASKED)):
        if said in LANGUAGES:
            return said
    return _chosen() or preferred(request.headers.get("Accept-Language", ""))


def _chosen() -> str | None:
    """What the member of staff or the client chose whose browser this is; None for a stranger, and where nobody can be
    asked who it is: a page that says so has to speak, too.
    """
    try:
        at_the_desk = current_app.extensions.get(STAFF_LANGUAGE)
        of_staff = cast("str | None", at_the_desk()) if at_the_desk is not None else None
        visitor = current_visitor() if of_staff is None else None
    except (Unavailable, SQLAlchemyError):
        return None
    return visitor.language if visitor is not None else of_staff
