"""What one part of the practice tells another, or itself later: the base of every outbox message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

Plain = str | int | bool | None


@dataclass(frozen=True)
class Message:
    """Something to do later, once.

    Fields are plain values and opaque references; client data never travels in a message (rule 10 of the house).
    A message that may rightly happen twice carries the field that tells the two apart.
    """

    KIND: ClassVar[str]
    BACKGROUND: ClassVar[bool] = False
    """Whether it waits until nothing else is due: what comes back by itself and may take its time."""

    def payload(self) -> dict[str, Plain]:
        """The fields, as they are stored."""
        return dict(vars(self))

    @property
    def key(self) -> str:
        """Two messages with the same key are the same message: the second is dropped."""
        return ":".join([self.KIND, *(str(value) for value in self.payload().values())])

    @property
    def stream(self) -> str | None:
        """Messages of one stream are delivered in the order in which they were posted; None means no order."""
        return None
