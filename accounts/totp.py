"""The second factor of staff accounts: a TOTP code of an authenticator app (RFC 6238), or a recovery code."""

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
"""Recovery codes per account; each can be used once."""
REFUSED = "Too many wrong codes. Try again {when}, with the code that the app shows then."


def is_required(request: HttpRequest) -> bool:
    """Return whether the session must verify a second factor before it can use the admin."""
    user: Any = request.user
    return bool(settings.ADMIN_REQUIRE_2FA and not user.is_verified())


def is_enrolled(user: User) -> bool:
    """Return whether the account has a confirmed TOTP device."""
    enrolled: bool = TOTPDevice.objects.filter(user=user, confirmed=True).exists()
    return enrolled


def pending_device(user: User) -> TOTPDevice:
    """Return the device to be enrolled. Its secret stays the same until a code confirms it."""
    device: TOTPDevice = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "app"})[0]
    return device


def confirm_device(request: HttpRequest, user: User, code: str) -> list[str] | None:
    """Enroll the pending device if the code is right, and return new recovery codes, else ``None``.

    Raises ``TooManyAttemptsError``.
    """
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
    """Verify a TOTP or recovery code, and return whether it is right. Raises ``TooManyAttemptsError``."""
    code = "".join(code.split()).lower()
    kind = TOTPDevice if code.isdecimal() and len(code) == DIGITS else StaticDevice
    with transaction.atomic():
        devices = kind.objects.select_for_update().filter(user=user, confirmed=True)
        device = next((device for device in devices if _verify(device, code)), None)
    if device is not None:
        _mark_verified(request, device)
    return device is not None


def recovery_codes_left(user: User) -> int:
    """Return the number of unused recovery codes."""
    left: int = StaticToken.objects.filter(device__user=user).count()
    return left


def new_recovery_codes(user: User) -> list[str]:
    """Replace the account's recovery codes, and return the new ones. They are shown only once."""
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery codes")
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def reset(user: User) -> None:
    """Remove the account's devices and recovery codes. The next session with the password can enroll a new device."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()


def qr_code_svg(device: TOTPDevice) -> bytes:
    """Return the QR code of the device's secret as SVG, black on white in every theme."""
    import qrcode
    from qrcode.image.svg import SvgPathFillImage

    image = qrcode.make(device.config_url, image_factory=SvgPathFillImage, border=4)
    out = io.BytesIO()
    image.save(out)
    return out.getvalue()


def _verify(device: Any, code: str) -> bool:
    """Return whether the code is right. django-otp doubles the wait after each failure (exponential backoff)."""
    allowed, why = device.verify_is_allowed()
    if not allowed:
        until = (why or {}).get("locked_until") or timezone.now()
        raise TooManyAttemptsError(REFUSED, max(1, round((until - timezone.now()).total_seconds()) + 1))
    right: bool = device.verify_token(code)
    return right


def _mark_verified(request: HttpRequest, device: Device) -> None:
    """Mark the session as verified and rotate its key, against session fixation."""
    here = sessions.current(request)
    django_otp.login(request, device)
    request.session.cycle_key()
    sessions.rekey_session(request, here)
