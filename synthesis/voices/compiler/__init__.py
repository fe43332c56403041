"""Compiles a Coqui checkpoint to ONNX graphs."""
