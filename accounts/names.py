"""The canonical form of account names: two names with one canonical form are one name, everywhere."""

import unicodedata

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from accounts.models import AccountName

TAKEN = "This name is taken. Choose another name, or sign in if the account is yours."


def canonical(name: str) -> str:
    """Return the form by which names are compared: compatibility caseless (Unicode Standard, D146), in NFKC."""
    folded = unicodedata.normalize("NFD", name).casefold()
    folded = unicodedata.normalize("NFKD", folded).casefold()
    return unicodedata.normalize("NFKC", folded)


def check(name: str, user_id: int = 0) -> None:
    """Raise ``ValidationError`` (``unique``) if the name belongs to an account other than ``user_id`` (0: a new one).

    An account may keep its current name, even if a version without canonical names gave two accounts the same one.
    """
    wanted = canonical(name)
    if AccountName.objects.filter(canonical=wanted).exclude(user_id=user_id).exists():
        current = User.objects.filter(pk=user_id).values_list("username", flat=True).first()
        if current is None or canonical(current) != wanted:
            raise ValidationError(TAKEN, code="unique")


def store(user: User, *, created: bool) -> None:
    """Store the canonical name of ``user``.

    Raises ``IntegrityError`` if a new account's name was taken after it was checked. An older account that shares its
    name with another, from a version without canonical names, gets none.
    """
    wanted = canonical(user.username)
    if created or not AccountName.objects.filter(canonical=wanted).exists():
        AccountName.objects.update_or_create(user=user, defaults={"canonical": wanted})


def account_id(name: str) -> int | None:
    """Return the id of the account that signs in with exactly this name; ``None`` if there is none."""
    return User.objects.filter(username=name).values_list("pk", flat=True).first()
