"""Formats of other terminals and editors, a module each; ``FORMATS`` of the registry lists them in order."""
