"""What the audit page asks of the worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class CheckAudit(Message):
    """Go through the whole audit log, since somebody asked for it at this instant (ISO)."""

    KIND: ClassVar[str] = "check_audit"
    BACKGROUND: ClassVar[bool] = True
    asked: str
