"""The forms of the theme pages."""
