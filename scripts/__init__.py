"""Maintenance scripts of the project, not used at runtime."""
