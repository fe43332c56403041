"""Converts written text to spoken words and segments."""
