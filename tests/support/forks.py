"""Processes for tests that need many: forked from one that has imported the product and nothing that keeps a clock."""

from __future__ import annotations

import multiprocessing

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["practice.cli"])  # one server for a whole run, so one list
