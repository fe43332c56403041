"""Database access from the event loop."""
