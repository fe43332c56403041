"""The pages of the second factor, which exist for those who run this machine, where the settings ask for one."""

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
from core.pages import add_message, page


class CodeForm(forms.Form):
    """A code of the app, or one of those for its loss."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        error_messages={"required": "Type the code that the app shows."},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )


class StaffOnlyMixin(LoginRequiredMixin):
    """Nobody else has these pages, nor anybody where no second factor is asked for."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Look who asks."""
        user: Any = request.user
        if user.is_authenticated and not (settings.ADMIN_REQUIRE_2FA and user.is_staff):
            raise Http404
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    @property
    def user(self) -> User:
        """Who asks."""
        assert isinstance(self.request.user, User)  # noqa: S101 - LoginRequiredMixin has seen to it
        return self.request.user


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class SecondFactor(StaffOnlyMixin, AccountPageMixin, RedirectURLMixin, FormView):  # type: ignore[type-arg]  # not generic at run time
    """Enroll, or show a code, or see what there is."""

    form_class = CodeForm
    next_page = "admin:index"

    def get_template_names(self) -> list[str]:
        """By how far one is."""
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
        """With the secret, until the app has it."""
        context = super().get_context_data(next=self.get_redirect_url(), **kwargs)
        if not totp.is_enrolled(self.user):
            device = totp.pending_device(self.user)
            secret = b32encode(device.bin_key).decode()
            context |= {"secret": [secret[i : i + 4] for i in range(0, len(secret), 4)], "link": device.config_url}
        elif not totp.is_required(self.request):
            context["left"] = totp.recovery_codes_left(self.user)
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A code; or, from who has shown one, what is to become of it all."""
        if not totp.is_required(request):
            return self._change(request.POST.get("do", ""))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        """Enroll or go on, if it is the right one."""
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
            form.add_error("code", "That is not the code, or no longer. Type the one that the app shows now.")
        return self.form_invalid(form)

    def form_invalid(self, form: CodeForm) -> HttpResponse:
        """The form again, with what is wrong."""
        return add_retry_after(form, self.render_to_response(self.get_context_data(form=form), status=400))

    def _change(self, what: str) -> HttpResponse:
        if what == "codes":
            return self._codes(totp.new_recovery_codes(self.user))
        if what == "anew":
            totp.reset(self.user)
            add_message(self.request, "The app of before opens nothing any more. Set up the new one here.")
        return redirect("accounts:second-factor")

    def _codes(self, codes: list[str]) -> HttpResponse:
        return page(
            self.request,
            "accounts/recovery-codes.html",
            {"section": "accounts", "codes": codes, "next": self.get_success_url()},
        )


@method_decorator(never_cache, name="dispatch")
class QrCode(StaffOnlyMixin, View):
    """The secret as a picture, for the app to look at: a file, since the policy of our pages allows no other kind."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Only until the app has it."""
        if totp.is_enrolled(self.user):
            raise Http404
        return HttpResponse(totp.qr_code_svg(totp.pending_device(self.user)), content_type="image/svg+xml")
