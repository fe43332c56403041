"""Django's authentication forms with throttling, the canonical name check and this application's texts."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UserCreationForm
from django.contrib.auth.models import AbstractBaseUser, User
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts import names, tokens
from accounts.models import ApiToken
from accounts.throttling import login_throttle
from accounts.throttling.login_throttle import ThrottledLoginMixin
from core.api.tokens import SCOPES
from core.limits import registry

MAX_PASSWORD_LENGTH = registry.MAX_PASSWORD_LENGTH.default
"""Characters. Bounds the time of hashing, which grows with the length (denial of service)."""
MISMATCH = "The two passwords do not match. Type the same password twice."


class SignUpForm(UserCreationForm):  # type: ignore[type-arg]  # of the user that the settings name
    """Creates an account."""

    error_messages = {"password_mismatch": MISMATCH}

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        name = self.fields["username"]
        name.label = "Name"
        name.help_text = (
            "Up to 150 letters, digits, and @ . + - _. Only you and the operator of this server can see it."
        )
        name.error_messages["required"] = "Choose a name."
        name.error_messages["invalid"] = "A name can have letters, digits, and @ . + - _, but no spaces."
        name.error_messages["unique"] = names.TAKEN
        name.widget.attrs.pop("autofocus", None)
        name.widget.attrs["spellcheck"] = "false"
        _new_password(self.fields["password1"], self.fields["password2"])
        self.fields["password1"].label, self.fields["password2"].label = "Password", "Repeat the password"

    def clean_username(self) -> Any:
        """Return the name if it is available. Throttled per address against account enumeration.

        Raises ``ValidationError``, of the kind ``TooManyAttemptsError`` when throttled.
        """
        login_throttle.charge_sign_up(self.request)
        name = super().clean_username()
        if name:
            names.check(name)
        return name

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - as Django has it
        """Return the new account. Raises ``ValidationError`` if a concurrent sign-up took the name first."""
        try:
            with transaction.atomic():
                return super().save(commit)
        except IntegrityError:
            raise ValidationError({"username": self.fields["username"].error_messages["unique"]}) from None


class SignInForm(ThrottledLoginMixin, AuthenticationForm):
    """Signs in with a name and a password. The error does not say which of the two is wrong."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "The name or the password is wrong. Both are case-sensitive.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Name"
        self.fields["username"].widget.attrs["spellcheck"] = "false"
        self.fields["username"].error_messages["required"] = "Type your name."
        _limit_length(self.fields["password"])
        if self.is_bound and self.errors.get("__all__"):
            for name in ("username", "password"):
                self.fields[name].widget.attrs |= {"aria-invalid": "true", "aria-describedby": "form-error"}


class AdminSignInForm(ThrottledLoginMixin, AdminAuthenticationForm):
    """Signs in to the admin, with the same throttling. Only staff accounts are accepted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit_length(self.fields["password"])


class PasswordForm(PasswordChangeForm):
    """Changes the password; requires the current one."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_mismatch": MISMATCH,
        "password_incorrect": "The current password is wrong.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Current password"
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        _limit_length(self.fields["old_password"])
        _new_password(self.fields["new_password1"], self.fields["new_password2"])

    def clean_old_password(self) -> str:
        """Return the current password. Raises ``ValidationError`` if it is wrong, throttled against guessing."""
        password: str = self.cleaned_data["old_password"]
        if not login_throttle.check_password(self.user, password):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password


class DeleteForm(forms.Form):
    """Deletes the account; requires the password as confirmation."""

    password = forms.CharField(
        label="Your password",
        error_messages={"required": "Type your password."},
        strip=False,
        max_length=MAX_PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: AbstractBaseUser, data: Any = None) -> None:
        self.user = user
        super().__init__(data)

    def clean_password(self) -> str:
        """Return the password. Raises ``ValidationError`` if it is wrong, throttled against guessing."""
        password: str = self.cleaned_data["password"]
        if not login_throttle.check_password(self.user, password):
            raise ValidationError("The password is wrong. Nothing was deleted.", code="password_incorrect")
        return password


class TokenForm(forms.Form):
    """Creates an access token of the HTTP API."""

    name = forms.CharField(
        max_length=60,
        help_text="What the token is for, such as the program that uses it.",
        error_messages={"required": "Name the token."},
    )
    scopes = forms.MultipleChoiceField(
        label="Permissions",
        widget=forms.CheckboxSelectMultiple,
        initial=["speak"],
        error_messages={"required": "Choose at least one permission."},
    )
    lifetime = forms.TypedChoiceField(
        label="Expires",
        coerce=int,
        choices=[("30", "in 30 days"), ("90", "in 90 days"), ("365", "in a year"), ("0", "never")],
        initial="90",
    )
    requests_per_minute = forms.IntegerField(
        label="Texts per minute",
        required=False,
        min_value=1,
        max_value=registry.REQUESTS_PER_MINUTE.most,
        help_text="In addition to your account's limit. Empty: no own limit.",
    )
    characters_per_minute = forms.IntegerField(
        label="Characters per minute",
        required=False,
        min_value=1,
        max_value=registry.CHARACTERS_PER_MINUTE.most,
        help_text="In addition to your account's limit. Empty: no own limit.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        permitted = {name: label for name, label in SCOPES.items() if name != "admin" or user.is_staff}
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)  # noqa: S101 - declared above
        scopes.choices = list(permitted.items())

    def clean(self) -> dict[str, Any] | None:
        """Reject a token beyond the limit of the account."""
        if len(tokens.list_tokens(self._user)) >= tokens.MAX_TOKENS:
            raise ValidationError(f"An account can have {tokens.MAX_TOKENS} tokens. Revoke one that you do not use.")
        return super().clean()

    def create(self) -> tuple[ApiToken, str]:
        """Store the token, and return it with its secret."""
        given = self.cleaned_data
        return tokens.create_token(
            self._user,
            given["name"],
            given["scopes"],
            expires_at=tokens.expiry(given["lifetime"]),
            requests_per_minute=given["requests_per_minute"],
            characters_per_minute=given["characters_per_minute"],
        )


def _new_password(first: forms.Field, second: forms.Field) -> None:
    first.label, second.label = "New password", "Repeat the new password"
    first.help_text, second.help_text = password_validators_help_text_html(), ""
    _limit_length(first)
    _limit_length(second)


def _limit_length(field: forms.Field) -> None:
    field.validators.append(MaxLengthValidator(MAX_PASSWORD_LENGTH))
    field.error_messages["required"] = "Type the password."
    field.widget.attrs["maxlength"] = str(MAX_PASSWORD_LENGTH)
