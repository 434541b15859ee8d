"""What a practice writes itself and clients read: in which words a reader is told it, and which words are missing.

English stands in the column of its name, as ever; the words of each other language stand beside it, in `other_words`.
A text that lacks the reader's language is told in English, and says so: `language` of Words, the filter `voiced`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, overload

from flask import Flask
from markupsafe import Markup, escape
from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from practice.languages import DEFAULT, IN, OTHERS
from practice.presenting import listing
from practice.speaking import current_language, gettext

Texts = Mapping[str, str]
"""One text by language: each of LANGUAGES, in their order, and empty where nobody wrote it."""


class Words(str):
    """Words as somebody is told them; `language` is the one that they are in: English where nobody wrote theirs."""

    language: str

    def __new__(cls, words: str, language: str) -> Words:
        made = super().__new__(cls, words)
        made.language = language
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # a copy says its language, too
        return str(self), self.language


class OwnWords:
    """A row with texts of the practice's own; `own_texts` names them, each an OwnText."""

    own_texts: ClassVar[tuple[str, ...]] = ()
    other_words: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)  # by language, the texts by name

    def in_languages(self, text: str) -> Texts:
        """One of its texts in each language."""
        english = getattr(self, english_name(text)) or ""
        return texts_of(english, {one: (self.other_words or {}).get(one, {}).get(text, "") for one in OTHERS})

    def lacking(self) -> dict[str, list[str]]:
        """Its texts that are written in English and not in another language: their names, by that language."""
        found = {one: [text for text in self.own_texts if lacks(self.in_languages(text), one)] for one in OTHERS}
        return {language: texts for language, texts in found.items() if texts}


class OwnText:
    """A text of the practice's own, beside the column `english_<its name>`.

    Read, it is told in the reader's language. Written, it takes the text in each language; or English words alone,
    which leave the others as they are.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, row: None, owner: type) -> OwnText: ...
    @overload
    def __get__(self, row: OwnWords, owner: type) -> Words: ...
    def __get__(self, row: OwnWords | None, owner: type) -> OwnText | Words:
        return self if row is None else told(row.in_languages(self.name))

    def __set__(self, row: OwnWords, said: str | Texts) -> None:
        if isinstance(said, str):
            setattr(row, english_name(self.name), said)
            return
        setattr(row, english_name(self.name), said[DEFAULT])
        others = {language: dict(texts) for language, texts in (row.other_words or {}).items()}
        for language in OTHERS:
            texts = others.setdefault(language, {})
            texts.pop(self.name, None)
            if said.get(language):
                texts[self.name] = said[language]
        row.other_words = {language: texts for language, texts in others.items() if texts}  # anew: it is compared


def english_name(text: str) -> str:
    """What the column of a text is called in code; in the database it has the text's own name."""
    return f"english_{text}"


def texts_of(english: str, others: Mapping[str, str]) -> Texts:
    """A text in every language."""
    return {DEFAULT: english, **{language: others.get(language, "") for language in OTHERS}}


def told(texts: Texts) -> Words:
    """A text in the language of this answer, or in English where that isn't written."""
    return told_in(texts, current_language())


def told_in(texts: Texts, language: str) -> Words:
    """The same in a language that somebody chose, whatever the answer speaks."""
    return Words(texts[language], language) if texts.get(language) else Words(texts[DEFAULT], DEFAULT)


def lacks(texts: Texts, language: str) -> bool:
    """Whether a text is written in English, and not in this language."""
    return bool(texts[DEFAULT]) and not texts.get(language)


def unwritten(texts: Texts, stands: Texts | None = None) -> Iterator[str]:
    """The languages in which a text can't be published without being written first.

    What lacked one already, and says in English what it said, may stay so: `stands` is how it is published now.
    """
    for language in OTHERS:
        stayed = stands is not None and texts[DEFAULT] == stands[DEFAULT] and lacks(stands, language)
        if lacks(texts, language) and not stayed:
            yield language


def field_of(text: str, language: str) -> str:
    """What the field of a text is called in a form, and in a problem: `name`, and in other languages `es_name`."""
    return text if language == DEFAULT else f"{language}_{text}"


def voiced(words: str) -> Markup | str:
    """Words as a page says them: where they aren't in its language, an element says in which they are."""
    language = getattr(words, "language", None)
    if not words or language is None or language == current_language():
        return words
    return Markup('<span lang="{}">{}</span>').format(language, words)


def voice_of(words: str) -> dict[str, str]:
    """The attribute by which an element says so, where there is no room for another: an option of a list."""
    language = getattr(words, "language", None)
    return {} if language in (None, current_language()) else {"lang": language}


def listing_voiced(words: Iterable[str]) -> Markup:
    """The same for several, as a list of the page's language has them."""
    return Markup(listing([str(escape(voiced(one))) for one in words]))  # noqa: S704 - each is escaped


def register(app: Flask) -> None:
    """Let templates say such words."""
    filters: dict[str, Any] = {"voiced": voiced, "listing_voiced": listing_voiced}
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals["written_in"] = lambda language: gettext(IN[language])
