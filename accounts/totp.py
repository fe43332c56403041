"""The second factor of those who run this machine: a code of an app, or one of those kept for its loss."""

import io
from typing import Any

import django_otp
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import sessions
from accounts.throttling.attempts import TooManyAttemptsError

DIGITS = 6
RECOVERY_CODES = 10
"""Codes for the loss of the phone; each opens once."""
REFUSED = "Those were too many wrong codes. Try again {when}, with a code that the app shows then."


def is_required(request: HttpRequest) -> bool:
    """Whether one has to show a code before the admin opens."""
    user: Any = request.user
    return bool(settings.ADMIN_REQUIRE_2FA and not user.is_verified())


def is_enrolled(user: User) -> bool:
    """Whether there is an app that makes codes for the account."""
    enrolled: bool = TOTPDevice.objects.filter(user=user, confirmed=True).exists()
    return enrolled


def pending_device(user: User) -> TOTPDevice:
    """The app that is to be enrolled: its secret stays the same until a code of it was shown."""
    device: TOTPDevice = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "app"})[0]
    return device


def confirm_device(request: HttpRequest, user: User, code: str) -> list[str] | None:
    """Take the candidate, if that is its code: the codes for its loss. Raises ``TooManyAttemptsError``."""
    with transaction.atomic():
        candidates = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False)
        device = next((device for device in candidates if _verify(device, code)), None)
        if device is None or is_enrolled(user):
            return None
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        codes = new_recovery_codes(user)
    _mark_verified(request, device)
    return codes


def verify(request: HttpRequest, user: User, code: str) -> bool:
    """Whether the code is one of the app's, or one of those for its loss. Raises ``TooManyAttemptsError``."""
    code = "".join(code.split()).lower()
    kind = TOTPDevice if code.isdecimal() and len(code) == DIGITS else StaticDevice
    with transaction.atomic():
        devices = kind.objects.select_for_update().filter(user=user, confirmed=True)
        device = next((device for device in devices if _verify(device, code)), None)
    if device is not None:
        _mark_verified(request, device)
    return device is not None


def recovery_codes_left(user: User) -> int:
    """How many codes for the loss of the phone were not used yet."""
    left: int = StaticToken.objects.filter(device__user=user).count()
    return left


def new_recovery_codes(user: User) -> list[str]:
    """Codes for the loss of the phone, in place of those of before; they are shown this once."""
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery codes")
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def reset(user: User) -> None:
    """Begin anew: whoever signs in next with the password enrolls."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()


def qr_code_svg(device: TOTPDevice) -> bytes:
    """What the app is to look at, as SVG, black on white whatever the theme."""
    import qrcode
    from qrcode.image.svg import SvgPathFillImage

    image = qrcode.make(device.config_url, image_factory=SvgPathFillImage, border=4)
    out = io.BytesIO()
    image.save(out)
    return out.getvalue()


def _verify(device: Any, code: str) -> bool:
    """Whether the device shows that code. The library counts failures, and waits twice as long after each."""
    allowed, why = device.verify_is_allowed()
    if not allowed:
        until = (why or {}).get("locked_until") or timezone.now()
        raise TooManyAttemptsError(REFUSED, max(1, round((until - timezone.now()).total_seconds()) + 1))
    right: bool = device.verify_token(code)
    return right


def _mark_verified(request: HttpRequest, device: Device) -> None:
    """From here on the session opens more than before, under a key that nobody can have known."""
    here = sessions.current(request)
    django_otp.login(request, device)
    request.session.cycle_key()
    sessions.rekey_session(request, here)
