"""The room of accounts: a name and a password, by which a person is known on every device."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts, with Django's own machinery."""

    name = "accounts"
