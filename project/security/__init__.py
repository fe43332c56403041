"""Middleware for browsers and the admin: content security policy, headers, networks, form rate limit."""
