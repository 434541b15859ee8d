"""The people who work here: invitations, their roles, and the end of an account."""
