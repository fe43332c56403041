"""Registers accounts with the admin.

The admin hides the secrets of second factors: a staff member who could read one could impersonate its owner. The forms
reject a name that another account has.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import User
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import names
from accounts.models import ApiToken


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


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    """Lists and revokes access tokens, and edits their limits. Only their owners create them and see their secrets."""

    list_display = ("name", "user", "hint", "scopes", "created_at", "expires_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "hint")
    fields = (
        *("user", "name", "hint", "scopes", "requests_per_minute", "characters_per_minute"),
        *("created_at", "expires_at", "last_used_at"),
    )
    readonly_fields = ("user", "name", "hint", "scopes", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return ``False``: a staff member who created a token for another account could act in its name."""
        return False


if admin.site.is_registered(User):
    admin.site.unregister(User)
admin.site.register(User, AccountAdmin)

for model in (TOTPDevice, StaticDevice):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
