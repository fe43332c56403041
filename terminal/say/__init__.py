"""Texts that programs send to the open tabs of an account."""
