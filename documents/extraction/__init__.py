"""Extracts the text of files; runs in a process of its own. Pure."""
