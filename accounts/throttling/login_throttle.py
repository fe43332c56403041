"""Chooses which attempt counters a form charges: sign-in, sign-up, and re-authentication."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from accounts import names
from accounts.throttling import known_browsers
from accounts.throttling.attempts import AttemptLimit, consume
from core.limits import registry
from core.limits.subjects import subject_for

ADDRESS = AttemptLimit("sign-in.address", registry.SIGN_INS_PER_ADDRESS.default)
"""Per address, which a household or an office may share."""
NAME_AND_ADDRESS = AttemptLimit("sign-in.pair", registry.SIGN_INS_PER_NAME_AND_ADDRESS.default)
"""Per name and address, so that one address cannot exhaust the name's counter."""
NAME = AttemptLimit("sign-in.name", registry.SIGN_INS_PER_NAME.default)
"""Per name, from all addresses."""
KNOWN = AttemptLimit("sign-in.known", registry.SIGN_INS_PER_KNOWN_BROWSER.default)
"""Per account and known browser, in place of the three above."""
REAUTH = AttemptLimit("password-asked", registry.PASSWORD_CONFIRMATIONS.default)
"""Per account, where a signed-in user must enter the password again."""
SIGN_UP = AttemptLimit("sign-up.address", registry.SIGN_UPS_PER_ADDRESS.default)
"""Per address, against account enumeration: each attempt reveals whether a name is taken."""

SIGN_IN_REFUSED = (
    "Too many failed attempts. Try again {when}. In a browser in which you have signed in before, you can try now."
)
KNOWN_REFUSED = "Too many failed attempts. Try again {when}."
REAUTH_REFUSED = "Too many failed attempts. Nothing was changed. Try again {when}."
SIGN_UP_REFUSED = "Too many sign-up attempts from your network. No account was created. Try again {when}."


class ThrottledLoginMixin:
    """Charges an attempt before Django's sign-in form checks the password. List it before that form."""

    request: HttpRequest | None
    cleaned_data: dict[str, Any]

    def clean(self) -> Any:
        """Authenticate as Django does. Raises ``TooManyAttemptsError`` if throttled."""
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name is None or not password:
            return super().clean()  # type: ignore[misc]  # of the form that it is mixed into
        if self.request is None:
            raise ImproperlyConfigured("The form needs the request: attempts are counted per address.")
        refund = _charge_sign_in(self.request, name)
        cleaned = super().clean()  # type: ignore[misc]
        refund()
        return cleaned


def check_password(user: AbstractBaseUser, password: str) -> bool:
    """Return whether the password is the signed-in user's. Raises ``TooManyAttemptsError``."""
    refund = consume(REAUTH_REFUSED, (REAUTH, str(user.pk)))
    right = user.check_password(password)
    if right:
        refund()
    return right


def charge_sign_up(request: HttpRequest) -> None:
    """Charge a sign-up attempt. Raises ``TooManyAttemptsError``."""
    consume(SIGN_UP_REFUSED, (SIGN_UP, _address(request)))


def _charge_sign_in(request: HttpRequest, name: str) -> Callable[[], None]:
    browser = known_browsers.throttle_key(request, name)
    if browser is not None:
        return consume(KNOWN_REFUSED, (KNOWN, browser))
    address, name = _address(request), names.canonical(name)
    return consume(SIGN_IN_REFUSED, (ADDRESS, address), (NAME_AND_ADDRESS, f"{address} {name}"), (NAME, name))


def _address(request: HttpRequest) -> str:
    return subject_for(None, request.META.get("REMOTE_ADDR")).address
