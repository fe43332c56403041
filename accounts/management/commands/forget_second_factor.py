"""``manage.py forget_second_factor NAME``: for users who have lost their phone and their recovery codes."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import totp


class Command(BaseCommand):
    """Removes an account's second factor; the next admin sign-in enrolls a new device."""

    help = "Remove an account's second factor. The user must enroll a new device at the next admin sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the account's name."""
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove the second factor. Raises ``CommandError`` if the account does not exist."""
        try:
            user = User.objects.get(username=options["name"])
        except User.DoesNotExist:
            raise CommandError(f"There is no account {options['name']!r}.") from None
        totp.reset(user)
        self.stdout.write(
            f"{user.get_username()} has no second factor now and must enroll a device at the next admin sign-in."
        )
