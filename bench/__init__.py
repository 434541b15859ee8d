"""How fast it is, as ratios to a limit that is measured beside it in the same run. Never part of the tests."""
