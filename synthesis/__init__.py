"""Speech synthesis: texts, voices, engines and their limits."""

from synthesis import offline_mode as offline_mode
