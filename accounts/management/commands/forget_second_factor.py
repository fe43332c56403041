"""``manage.py forget_second_factor NAME``: for who has lost the phone, and the codes for its loss."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import totp


class Command(BaseCommand):
    """The account sets up a new one at its next way to the admin."""

    help = "Forget an account's second factor: it sets up a new one when it goes to the admin."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Forget it, and say so."""
        try:
            user = User.objects.get(username=options["name"])
        except User.DoesNotExist:
            raise CommandError(f"There is no account {options['name']!r}.") from None
        totp.reset(user)
        self.stdout.write(f"{user.get_username()} sets up a new second factor at the next way to the admin.")
