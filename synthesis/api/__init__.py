"""The HTTP API of speech synthesis, and the health endpoints."""
