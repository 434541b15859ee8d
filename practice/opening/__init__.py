"""Opening a practice: what is left to do, whether all is well, and what it connects to."""
