"""Converts words to phonemes, and phonemes to the ids of a voice."""
