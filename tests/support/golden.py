"""Golden files: what was agreed once, byte by byte. UPDATE_GOLDEN=1 writes them anew; read the difference then."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "golden"


def assert_golden(name: str, content: bytes) -> None:
    """Compare with tests/golden/`name`, or write it where UPDATE_GOLDEN=1 asks for that."""
    path = FOLDER / name
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_bytes(content)
    assert path.exists(), f"{path} is missing; write it with UPDATE_GOLDEN=1 and read it"
    assert content == path.read_bytes(), f"{name} changed; if that is meant, run again with UPDATE_GOLDEN=1"
