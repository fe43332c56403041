"""English: classification and verbalization of written forms."""
