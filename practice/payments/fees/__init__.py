"""Fees for late cancels and missed sessions: consent to shown sums, a kept card, and charging it with a reason."""
