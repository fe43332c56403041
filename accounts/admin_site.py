"""The admin site: throttled sign-in, and a second factor where ``ADMIN_REQUIRE_2FA`` requires one."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.throttling.attempts import add_retry_after


class ProtectedAdminSite(AdminSite):
    """Adds login throttling and the second factor to Django's admin site."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is active staff and, where required, has verified a second factor."""
        from accounts import totp

        return super().has_permission(request) and not totp.is_required(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign in. Failed attempts are throttled; a missing second factor redirects to its page."""
        from accounts import totp

        if request.method == "GET" and super().has_permission(request) and totp.is_required(request):
            query = urlencode({REDIRECT_FIELD_NAME: request.GET.get(REDIRECT_FIELD_NAME, "")})
            return redirect(f"{reverse('accounts:second-factor')}?{query}")
        # Imported late: the forms need models, which are not loaded when the site is created.
        from accounts.forms import AdminSignInForm

        self.login_form = AdminSignInForm
        answer: HttpResponseBase = super().login(request, extra_context)
        form = (getattr(answer, "context_data", None) or {}).get("form")
        return add_retry_after(form, answer) if form is not None and form.is_bound else answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Redirect to the account's password page, so that only one view has to be throttled."""
        return redirect("accounts:password")
