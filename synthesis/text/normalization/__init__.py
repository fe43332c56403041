"""Text normalization: one module per written form."""
