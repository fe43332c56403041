"""The room of voices."""

from django.apps import AppConfig


class SynthesisConfig(AppConfig):
    """Speech: text in, sound out."""

    name = "synthesis"
