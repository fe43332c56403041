"""The room of accounts: a name and a password, by which a person is known on every device."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AccountsConfig(AppConfig):
    """Accounts, with Django's own machinery."""

    name = "accounts"

    def ready(self) -> None:
        """Have sessions followed."""
        from accounts import receivers  # noqa: F401 - registers what it defines


class ProtectedAdminConfig(AdminConfig):
    """Django's admin, behind the same doors as everything else."""

    default_site = "accounts.admin_site.ProtectedAdminSite"
