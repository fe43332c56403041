"""Worker threads and loaded voices."""
