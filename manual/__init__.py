"""The user manual, rendered from docs/manual on the server."""
