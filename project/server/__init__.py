"""Hardening of Daphne and the ASGI stack: proxies, rate limits, HTTP, websockets, processes."""
