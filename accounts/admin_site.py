"""The admin's site: its sign-in counts tries as ours does, and its password is the account's."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.throttling.attempts import add_retry_after


class ProtectedAdminSite(AdminSite):
    """Django's, with our door."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether one runs this machine, and has shown the second factor where one is asked for."""
        from accounts import totp

        return super().has_permission(request) and not totp.is_required(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign in, as often as one may try."""
        from accounts import totp

        if request.method == "GET" and super().has_permission(request) and totp.is_required(request):
            query = urlencode({REDIRECT_FIELD_NAME: request.GET.get(REDIRECT_FIELD_NAME, "")})
            return redirect(f"{reverse('accounts:second-factor')}?{query}")
        # Not when the site is made: these need models, which are not there yet.
        from accounts.forms import AdminSignInForm

        self.login_form = AdminSignInForm
        answer: HttpResponseBase = super().login(request, extra_context)
        form = (getattr(answer, "context_data", None) or {}).get("form")
        return add_retry_after(form, answer) if form is not None and form.is_bound else answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The account's own page does it: a second door would have to be guarded like the first."""
        return redirect("accounts:password")
