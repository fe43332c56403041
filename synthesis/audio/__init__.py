"""Samples: loudness and the WAV container."""
