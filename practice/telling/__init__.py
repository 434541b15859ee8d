"""How times, dates and zones are said in each language: the same functions in a file for each. Pure.

Every instant is aware; every zone is an IANA name and falls back on UTC when unknown.
"""
