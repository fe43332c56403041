"""Neural networks that turn phoneme ids into samples."""
