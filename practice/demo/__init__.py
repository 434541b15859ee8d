"""The demo: a whole practice with made-up people, under one command, on one machine."""
