"""Written text to spoken words and segments."""
