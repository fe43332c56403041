"""Observability: finding log lines, metrics, and the status page."""
