"""Where letters go, and where their links lead."""

from __future__ import annotations

from dataclasses import dataclass

from practice.calendars.appointments import desk_url
from practice.notify.letters import Letter
from practice.settings import settings


@dataclass(frozen=True)
class Addressed:
    """A letter and the address that it goes to."""

    to: str
    letter: Letter


def page_of(token: str) -> str:
    """The address of a mailed link; it asks for the reader's code."""
    return f"{settings().base_url}/return/{token}"


def desk_page(path: str = "") -> str:
    """The address of a page of the desk."""
    return desk_url(settings().base_url) + path
