"""Pages for sign-up, sign-in and sign-out."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView, RedirectURLMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts.forms import SignInForm, SignUpForm
from accounts.throttling.attempts import add_retry_after
from accounts.views.base import ACCOUNT_URL, AccountPageMixin
from core.web.pages import add_message, page
from themes.store import services


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class SignUp(AccountPageMixin, RedirectURLMixin, FormView):  # type: ignore[type-arg]  # not a generic at run time
    """Creates an account and signs in to it."""

    form_class = SignUpForm
    template_name = "accounts/sign-up.html"
    next_page = ACCOUNT_URL

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Reject with status 403 if sign-up is closed; redirect a signed-in user to the account."""
        if request.user.is_authenticated:
            return redirect(ACCOUNT_URL)
        if not settings.SIGN_UP_ENABLED:
            return page(request, "accounts/closed.html", {"section": "accounts"}, status=403)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        """Create the account and sign in."""
        try:
            user = form.save()
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        login(self.request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return _welcome(self.request, f"Welcome, {user.get_username()}. This is your account.", self.get_success_url())

    def form_invalid(self, form: SignUpForm) -> HttpResponse:
        """Show the form with its errors: status 400, or 429 if throttled."""
        return add_retry_after(form, self.render_to_response(self.get_context_data(form=form), status=400))

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the request, whose address the throttling needs."""
        return {**super().get_form_kwargs(), "request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the checked redirect target."""
        return super().get_context_data(next=self.get_redirect_url(), **kwargs)


class SignIn(AccountPageMixin, LoginView):
    """Signs in with a name and a password."""

    authentication_form = SignInForm
    template_name = "accounts/sign-in.html"
    next_page = ACCOUNT_URL

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form; redirect a signed-in user."""
        if request.user.is_authenticated:
            return redirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in, and report how the visitor's themes were merged into the account."""
        super().form_valid(form)
        return _welcome(self.request, f"You are signed in as {form.get_user().get_username()}.", self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form with its errors: status 400, or 429 if throttled."""
        return add_retry_after(form, self.render_to_response(self.get_context_data(form=form), status=400))


class SignOut(LogoutView):
    """Ends the session; the browser gets a new device identity."""

    next_page = ACCOUNT_URL

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out and show a message."""
        answer = super().post(request, *args, **kwargs)
        add_message(request, "You are signed out.")
        return answer


def _welcome(request: HttpRequest, text: str, url: str) -> HttpResponse:
    """Redirect, with a message about merged themes for pages that can show one; the terminal cannot."""
    if url.startswith((reverse(ACCOUNT_URL), reverse("themes"))):
        add_message(request, " ".join(filter(None, (text, *_merge_summary(getattr(request, "merged", None))))))
    return redirect(url)


def _merge_summary(merge: services.MergeResult | None) -> list[str]:
    if merge is None:
        return []
    return [
        sentence
        for number, sentence in (
            (merge.moved, f"{_count_themes(merge.moved)} moved to your account."),
            (merge.same, f"{_count_themes(merge.same)} already in your account."),
            (
                merge.left,
                f"{_count_themes(merge.left)} not moved, because your account has reached the theme limit.",
            ),
        )
        if number
    ]


def _count_themes(number: int) -> str:
    return "1 theme" if number == 1 else f"{number} themes"
