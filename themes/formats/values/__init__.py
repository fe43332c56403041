"""Reads the values of theme files: colors in every common spelling, and names."""
