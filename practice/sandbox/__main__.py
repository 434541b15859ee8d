"""python -m practice.sandbox"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import click

from practice import logs
from practice.processes import watch_parent
from practice.sandbox.server import RefusedToStart, Sandbox


@click.command()
@click.option("--port", envvar="SANDBOX_PORT", default=5001, show_default=True, help="Stripe, checkout and mailbox.")
@click.option("--smtp-port", envvar="SANDBOX_SMTP_PORT", default=5025, show_default=True)
@click.option("--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True)
@click.option("--webhook-url", default="http://127.0.0.1:5000/webhooks/stripe", show_default=True)
@click.option("--webhook-secret", envvar="STRIPE_WEBHOOK_SECRET", default="whsec_sandbox", show_default=True)
@click.option("--api-key", envvar="STRIPE_API_KEY", default="sk_test_sandbox", show_default=True)
def main(*, port: int, smtp_port: int, data: Path, webhook_url: str, webhook_secret: str, api_key: str) -> None:
    """Run the stand-ins for Stripe and the mail server. No real money, no real mail."""
    logs.configure()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    watch_parent()
    try:
        sandbox = Sandbox(
            data,
            port=port,
            smtp_port=smtp_port,
            api_key=api_key,
            webhook_url=webhook_url,
            webhook_secret=webhook_secret,
            environment=os.environ.get("PRACTICE_ENV", "demo"),
        )
    except RefusedToStart as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(2)
    sandbox.start()
    stop.wait()
    sandbox.stop()


if __name__ == "__main__":
    main()
