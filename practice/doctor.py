"""What is missing or unsafe in this installation, for the command; the page *Health* says the same of a running one."""

from __future__ import annotations

from collections.abc import Mapping

from practice import create_app
from practice.connections import StripeAccess, mail_url, stripe_access
from practice.opening.finding import Finding
from practice.opening.machine_findings import examine_connections, examine_database, examine_keys_file, examine_mail
from practice.opening.payment_findings import examine_payments
from practice.opening.practice_findings import examine_practice
from practice.settings import Settings, UnsafeSettings


def examine(environ: Mapping[str, str]) -> list[Finding]:
    """Look at everything that a running practice needs. Reads only."""
    try:
        settings = Settings.from_env(environ)
    except UnsafeSettings as unsafe:
        return [Finding(False, "settings", problem) for problem in unsafe.problems]
    findings = [Finding(True, f"settings ({settings.env})"), examine_keys_file(settings), examine_database(settings)]
    if not all(finding.fine for finding in findings):
        given = StripeAccess(settings.stripe_api_key, settings.stripe_webhook_secret)
        return [*findings, examine_mail(settings.smtp_url), *examine_payments(settings, access=given)]
    with create_app(settings).app_context():
        within = examine_practice()
        if shut := examine_connections():
            return [*findings, *shut, *within]
        url, access = mail_url(), stripe_access()
    return [*findings, examine_mail(url), *examine_payments(settings, access=access), *within]
