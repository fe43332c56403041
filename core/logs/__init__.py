"""Structured logs: correlation ids, events with fields, and the errors that clients receive."""
