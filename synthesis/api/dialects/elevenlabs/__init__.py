"""ElevenLabs' API: speech, times of characters, text that arrives in pieces, and voices."""

from synthesis.api.dialects.elevenlabs import listings, speech

__all__ = ["listings", "speech"]
