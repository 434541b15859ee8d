"""The demo's outside world: a local Stripe-compatible server and a mailbox. No real money, no real mail.

A process of its own: the product never imports it and knows only its addresses. Start: python -m practice.sandbox
"""
