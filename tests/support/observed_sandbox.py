"""The sandbox, running, with every request that it received held against the SDK's own types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from practice.sandbox.server import Sandbox
from tests.support import stripe_shapes

Received = list[tuple[str, str, dict[str, Any]]]
"""Method, path and body of each request."""


@contextmanager
def run_observed(
    folder: Path, now: Callable[[], datetime], *, webhook_url: str | None = None
) -> Iterator[tuple[Sandbox, Received]]:
    """A sandbox and what it has received so far; on leaving, whatever Stripe would not understand is an error."""
    received: Received = []
    sandbox = Sandbox(folder, now=now, webhook_url=webhook_url, observe=lambda *seen: received.append(seen))
    sandbox.start()
    try:
        yield sandbox, received
    finally:
        sandbox.stop()
    for method, path, body in received:
        stripe_shapes.check(method, path, body)
