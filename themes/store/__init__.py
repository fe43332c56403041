"""Reads and writes of themes and preferences, and the notifications of open tabs."""
