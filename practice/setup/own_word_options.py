"""Options of commands for a text of the practice's own: `--name`, and for each other language `--es-name`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from practice.languages import DEFAULT, IN, LANGUAGES
from practice.own_words import Texts, field_of, texts_of

Command = TypeVar("Command", bound=Callable[..., Any])


def in_each_language(text: str, *, required: bool = False) -> Callable[[Command], Command]:
    """Have an option for a text in each language."""

    def made(command: Command) -> Command:
        for language in reversed(LANGUAGES):
            name = field_of(text, language)
            told = f"{text.capitalize()} {IN[language]}; clients read either language."
            command = click.option(f"--{name.replace('_', '-')}", name, required=required, help=told)(command)
        return command

    return made


def said_texts(asked: dict[str, Any], text: str, stands: Texts) -> Texts:
    """What was said of a text, taken out of `asked`. What wasn't said stays as it is, unless the English changes: words
    that were written for the English of before say nothing of the new one.
    """
    said: Mapping[str, str | None] = {language: asked.pop(field_of(text, language), None) for language in LANGUAGES}
    kept = stands if said[DEFAULT] is None else texts_of("", {})
    return {language: kept[language] if words is None else words.strip() for language, words in said.items()}
