"""Registers accounts with the admin.

The admin hides the secrets of second factors: a staff member who could read one could impersonate its owner. The forms
reject a name that another account has.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import User
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import names


class NewAccountForm(AdminUserCreationForm):  # type: ignore[type-arg]  # of the user that the settings name
    """Adds the canonical name check to Django's form, whose comparison on SQLite ignores case for ASCII only."""

    def clean_username(self) -> Any:
        """Return the name. Raises ``ValidationError`` if another account has it."""
        name = super().clean_username()
        if name:
            names.check(name)
        return name


class AccountForm(UserChangeForm):  # type: ignore[type-arg]  # of the user that the settings name
    """Adds the canonical name check of sign-up to Django's form."""

    def clean_username(self) -> str:
        """Return the name. Raises ``ValidationError`` if another account has it."""
        name: str = self.cleaned_data["username"]
        names.check(name, self.instance.pk or 0)
        return name


class AccountAdmin(UserAdmin):  # type: ignore[type-arg]  # as above
    """Uses these forms in Django's user admin."""

    add_form = NewAccountForm
    form = AccountForm


if admin.site.is_registered(User):
    admin.site.unregister(User)
admin.site.register(User, AccountAdmin)

for model in (TOTPDevice, StaticDevice):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
