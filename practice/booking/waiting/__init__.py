"""The waiting list: who wishes for what, and the times that are offered to them first."""
