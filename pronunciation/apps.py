"""Pronunciation dictionaries of accounts and of the operator."""

from django.apps import AppConfig


class PronunciationConfig(AppConfig):
    """Configures the dictionaries, and makes them those of speech synthesis."""

    name = "pronunciation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let speech synthesis read the dictionaries, and the account's export contain its own."""
        from accounts.data_export import register_part
        from pronunciation.dictionaries import export_entries, export_preferences
        from pronunciation.lexicons import LexiconStore
        from synthesis.runtime import register_lexicons

        register_lexicons(LexiconStore)
        register_part("pronunciations", export_entries)
        register_part("reading", export_preferences)
