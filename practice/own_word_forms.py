"""Fields for a text of the practice's own: one for each language, side by side, and none of them may stay empty."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from wtforms import Form
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired

from practice.languages import DEFAULT, IN, LANGUAGES
from practice.own_words import Texts, field_of
from practice.speaking import lazy_gettext as _l

BESIDE = 0.01  # within the step of one field to the next: those of other languages come right behind the English one
AnyForm = TypeVar("AnyForm", bound=type[Form])


def in_each_language(*texts: str) -> Callable[[AnyForm], AnyForm]:
    """Have these fields of a form once for each language: `title`, and `es_title` behind it."""

    def made(form: AnyForm) -> AnyForm:
        for text in texts:
            english = getattr(form, text)
            for number, language in enumerate(LANGUAGES):
                setattr(form, field_of(text, language), _written_in(english, language, number))
        return form

    return made


def read_texts(form: Form, text: str) -> Texts:
    """What was typed, in each language."""
    return {language: (form[field_of(text, language)].data or "").strip() for language in LANGUAGES}


def given_texts(text: str, texts: Texts) -> Mapping[str, str]:
    """The same the other way: what each field begins with."""
    return {field_of(text, language): texts[language] for language in LANGUAGES}


def fields_of(form: Form, text: str) -> list[str]:
    """The names of the fields of a text, those that there are."""
    return [name for name in (field_of(text, language) for language in LANGUAGES) if name in form]


def _written_in(english: UnboundField[Any], language: str, number: int) -> UnboundField[Any]:
    called, *rest = english.args or (english.kwargs["label"],)
    label = _l("%(text)s, %(language)s", text=called, language=_l(IN[language]))
    keywords = {name: value for name, value in english.kwargs.items() if name != "label"}
    keywords["render_kw"] = {**keywords.get("render_kw", {}), "lang": language}
    if language != DEFAULT:
        asked = [one for one in keywords.get("validators", ()) if "required" not in getattr(one, "field_flags", {})]
        missing = _l("%(text)s: it is missing. Clients read either language, so write both.", text=label)
        keywords["validators"] = [DataRequired(missing), *asked]
        keywords.pop("description", None)
    found = UnboundField(english.field_class, label, *rest, **copy.copy(keywords))
    found.creation_counter = english.creation_counter + number * BESIDE  # type: ignore[assignment]  # what it sorts by
    return found
