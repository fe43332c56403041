"""Text normalization: one module for each written form."""
