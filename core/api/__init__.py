"""Shared parts of the HTTP API under ``/v1/``: errors, access tokens, CORS, request bodies."""
