"""Accounts: users sign in with a name and a password."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AccountsConfig(AppConfig):
    """Configures accounts, which use Django's authentication."""

    name = "accounts"

    def ready(self) -> None:
        """Connect the receivers that track sessions."""
        from accounts import receivers  # noqa: F401 - registers signal receivers


class ProtectedAdminConfig(AdminConfig):
    """Makes ``ProtectedAdminSite`` the default admin site."""

    default_site = "accounts.admin_site.ProtectedAdminSite"
