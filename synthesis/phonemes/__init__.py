"""Words to phonemes, and phonemes to the ids of a voice."""
