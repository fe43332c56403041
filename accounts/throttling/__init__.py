"""Limits on failed sign-in attempts."""
