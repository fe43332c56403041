"""Fetches documents from URLs that users enter, without reaching private networks (server-side request forgery)."""
