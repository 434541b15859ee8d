"""How times, dates and zones are said: what every language shares in tongue.py, and a file for each. Pure.

Every instant is aware; every zone is an IANA name and falls back on UTC when unknown.
"""
