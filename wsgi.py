"""The entry point for any WSGI server."""

from practice import create_app

app = create_app()
