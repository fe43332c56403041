"""Django app configuration of speech synthesis."""

from django.apps import AppConfig


class SynthesisConfig(AppConfig):
    """Speech synthesis: text in, audio out."""

    name = "synthesis"
