"""Color spaces, contrast, and themes made from a terminal's palette. Pure."""
