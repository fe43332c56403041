"""A speech request to a stream of audio events."""
