"""Loudness normalization and the WAV container."""
