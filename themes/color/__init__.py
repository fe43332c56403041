"""Color spaces, contrast, and palette import. Pure."""
