"""The design, shown: a page of every component in every state, made of the macros that the pages are made of."""
