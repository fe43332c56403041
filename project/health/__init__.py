"""Checks a running server from outside, as its users use it: ``manage.py health_check``."""
