"""Reads the operator's settings and prepares ``DATA_DIR``; each fault stops the start with one sentence."""
