"""One thing that was looked at. The doctor's command and the page *Health* say the same; the command in English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` says what to do when it isn't fine. Both in the language of the answer."""

    fine: bool
    what: str
    mend: str = ""
