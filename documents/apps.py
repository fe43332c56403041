"""Opens files as documents, and stores the positions at which users stopped."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Configures the app, and adds the positions to the account's export."""

    name = "documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the account's export contain its positions."""
        from accounts.data_export import register_part
        from documents.positions import export

        register_part("documents", export)
