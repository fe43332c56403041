"""Forms that ask for a password, and count how often it was wrong."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from accounts import names
from accounts.throttling import known_browsers
from accounts.throttling.attempts import AttemptLimit, consume
from core.client_address import rate_limit_address

ADDRESS = AttemptLimit("sign-in.address", 50)
"""By address: a household, an office."""
NAME_AND_ADDRESS = AttemptLimit("sign-in.pair", 10)
"""By name and address, so that one address cannot use up what all others have together."""
NAME = AttemptLimit("sign-in.name", 30)
"""By name, from wherever."""
KNOWN = AttemptLimit("sign-in.known", 10)
"""By name, for each browser that has signed in to it before: in place of the three above."""
REAUTH = AttemptLimit("password-asked", 10)
"""By account, where somebody who is signed in has to show the password once more."""
SIGN_UP = AttemptLimit("sign-up.address", 20)
"""By address; each try tells whether a name is taken."""

SIGN_IN_REFUSED = (
    "Those were too many wrong tries. Try again {when}; in a browser in which you have signed in before, you can now."
)
KNOWN_REFUSED = "Those were too many wrong tries. Try again {when}."
REAUTH_REFUSED = "Those were too many wrong tries, so nothing was changed. Try again {when}."
SIGN_UP_REFUSED = "Those were many tries from where you are, so no account was made. Try again {when}."


class ThrottledLoginMixin:
    """For Django's form of sign-in, before it: takes a try before the password is looked at."""

    request: HttpRequest | None
    cleaned_data: dict[str, Any]

    def clean(self) -> Any:
        """As Django does it, if there is a try left."""
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name is None or not password:
            return super().clean()  # type: ignore[misc]  # of the form beside it
        if self.request is None:
            raise ImproperlyConfigured("Tries are counted by where they come from: the form needs the request.")
        refund = _charge_sign_in(self.request, name)
        cleaned = super().clean()  # type: ignore[misc]
        refund()
        return cleaned


def check_password(user: AbstractBaseUser, password: str) -> bool:
    """Whether it is the password of the person who is signed in. Raises ``TooManyTriesError``."""
    refund = consume(REAUTH_REFUSED, (REAUTH, str(user.pk)))
    right = user.check_password(password)
    if right:
        refund()
    return right


def charge_sign_up(request: HttpRequest) -> None:
    """Take a try at sign-up. Raises ``TooManyTriesError``."""
    consume(SIGN_UP_REFUSED, (SIGN_UP, rate_limit_address(request)))


def _charge_sign_in(request: HttpRequest, name: str) -> Callable[[], None]:
    browser = known_browsers.throttle_key(request, name)
    if browser is not None:
        return consume(KNOWN_REFUSED, (KNOWN, browser))
    address, name = rate_limit_address(request), names.canonical(name)
    return consume(SIGN_IN_REFUSED, (ADDRESS, address), (NAME_AND_ADDRESS, f"{address} {name}"), (NAME, name))
