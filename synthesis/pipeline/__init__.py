"""Turns a speech request into a stream of audio events."""
