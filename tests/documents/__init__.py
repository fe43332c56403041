"""Documents: extraction, its sandbox, and positions."""
