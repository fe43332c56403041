"""Speech synthesis: texts, voices, engines and their limits."""

from synthesis import offline as offline
