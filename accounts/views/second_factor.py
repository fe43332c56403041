"""Pages of the second factor, for staff accounts where ``ADMIN_REQUIRE_2FA`` is set."""

from base64 import b32encode
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.contrib.auth.views import RedirectURLMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, View

from accounts import totp
from accounts.throttling.attempts import add_retry_after
from accounts.views.base import AccountPageMixin
from core.web.pages import add_message, page


class CodeForm(forms.Form):
    """Takes a TOTP code or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        error_messages={"required": "Type the code that the app shows."},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )


class StaffOnlyMixin(LoginRequiredMixin):
    """Restricts pages to staff, and to servers that require a second factor; other users get 404."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check the user. Raises ``Http404``."""
        user: Any = request.user
        if user.is_authenticated and not (settings.ADMIN_REQUIRE_2FA and user.is_staff):
            raise Http404
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    @property
    def user(self) -> User:
        """Return the signed-in user."""
        assert isinstance(self.request.user, User)  # noqa: S101 - LoginRequiredMixin ensures it
        return self.request.user


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class SecondFactor(StaffOnlyMixin, AccountPageMixin, RedirectURLMixin, FormView):  # type: ignore[type-arg]  # not generic at run time
    """Enrolls a device, verifies a code, or manages an enrolled device."""

    form_class = CodeForm
    next_page = "admin:index"

    def get_template_names(self) -> list[str]:
        """Return the template for the current step: enroll, verify or manage."""
        if not totp.is_enrolled(self.user):
            return ["accounts/enroll.html"]
        return ["accounts/code.html" if totp.is_required(self.request) else "accounts/second-factor.html"]

    def get_default_redirect_url(self) -> str:
        """Return the admin's address, or the account's if ``ADMIN_ALLOWED_NETWORKS`` hides the admin from the
        client.
        """
        try:
            return super().get_default_redirect_url()
        except NoReverseMatch:
            return reverse("accounts:account")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the TOTP secret until the device is enrolled, and then the number of recovery codes."""
        context = super().get_context_data(next=self.get_redirect_url(), **kwargs)
        if not totp.is_enrolled(self.user):
            device = totp.pending_device(self.user)
            secret = b32encode(device.bin_key).decode()
            context |= {"secret": [secret[i : i + 4] for i in range(0, len(secret), 4)], "link": device.config_url}
        elif not totp.is_required(self.request):
            context["left"] = totp.recovery_codes_left(self.user)
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Verify a code or, in a verified session, change the device or the recovery codes."""
        if not totp.is_required(request):
            return self._change(request.POST.get("do", ""))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        """Enroll the device or verify the session, if the code is right."""
        code = form.cleaned_data["code"]
        try:
            if not totp.is_enrolled(self.user):
                codes = totp.confirm_device(self.request, self.user, "".join(code.split()))
                if codes:
                    return self._codes(codes)
            elif totp.verify(self.request, self.user, code):
                return redirect(self.get_success_url())
        except ValidationError as error:
            form.add_error("code", error)
        else:
            form.add_error("code", "The code is wrong or has expired. Type the code that the app shows now.")
        return self.form_invalid(form)

    def form_invalid(self, form: CodeForm) -> HttpResponse:
        """Show the form with its errors: status 400, or 429 if throttled."""
        return add_retry_after(form, self.render_to_response(self.get_context_data(form=form), status=400))

    def _change(self, what: str) -> HttpResponse:
        if what == "codes":
            return self._codes(totp.new_recovery_codes(self.user))
        if what == "replace":
            totp.reset(self.user)
            add_message(self.request, "Your previous authenticator app no longer works. Set up the new one here.")
        return redirect("accounts:second-factor")

    def _codes(self, codes: list[str]) -> HttpResponse:
        return page(
            self.request,
            "accounts/recovery-codes.html",
            {"section": "accounts", "codes": codes, "next": self.get_success_url()},
        )


@method_decorator(never_cache, name="dispatch")
class QrCode(StaffOnlyMixin, View):
    """Serves the secret as a QR code: a file, because the Content Security Policy allows no ``data:`` images."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the SVG. Raises ``Http404`` once the device is enrolled."""
        if totp.is_enrolled(self.user):
            raise Http404
        return HttpResponse(totp.qr_code_svg(totp.pending_device(self.user)), content_type="image/svg+xml")
