"""Signing up, in and out; each view takes one decorator more in ``urls``."""

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
from core.pages import add_message, page
from themes import services


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class SignUp(AccountPageMixin, RedirectURLMixin, FormView):  # type: ignore[type-arg]  # not a generic at run time
    """A new account, which one is signed in to at once."""

    form_class = SignUpForm
    template_name = "accounts/sign-up.html"
    next_page = ACCOUNT_URL

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse where sign-up is closed; who is signed in has an account."""
        if request.user.is_authenticated:
            return redirect(ACCOUNT_URL)
        if not settings.SIGN_UP_ENABLED:
            return page(request, "accounts/closed.html", {"section": "accounts"}, status=403)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        """Make the account, and sign in."""
        try:
            user = form.save()
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        login(self.request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return _welcome(self.request, f"Welcome, {user.get_username()}. This is your account.", self.get_success_url())

    def form_invalid(self, form: SignUpForm) -> HttpResponse:
        """The form again, with what is wrong."""
        return add_retry_after(form, self.render_to_response(self.get_context_data(form=form), status=400))

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the request, whose tries are counted."""
        return {**super().get_form_kwargs(), "request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With where to go on."""
        return super().get_context_data(next=self.get_redirect_url(), **kwargs)


class SignIn(AccountPageMixin, LoginView):
    """The account, by its name and password."""

    authentication_form = SignInForm
    template_name = "accounts/sign-in.html"
    next_page = ACCOUNT_URL

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; who is signed in needs none."""
        if request.user.is_authenticated:
            return redirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in, and say what became of the visitor's themes."""
        super().form_valid(form)
        return _welcome(self.request, f"You are signed in as {form.get_user().get_username()}.", self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        """The form again, with what is wrong."""
        return add_retry_after(form, self.render_to_response(self.get_context_data(form=form), status=400))


class SignOut(LogoutView):
    """The end of a session; the browser is a new visitor."""

    next_page = ACCOUNT_URL

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out, and say so."""
        answer = super().post(request, *args, **kwargs)
        add_message(request, "You are signed out. This browser is a new visitor now.")
        return answer


def _welcome(request: HttpRequest, text: str, url: str) -> HttpResponse:
    """Go on, and say there what became of the visitor's themes; the terminal has no place for it, and shows them."""
    if url.startswith((reverse(ACCOUNT_URL), reverse("themes"))):
        add_message(request, " ".join(filter(None, (text, *_merge_summary(getattr(request, "merged", None))))))
    return redirect(url)


def _merge_summary(merge: services.MergeResult | None) -> list[str]:
    if merge is None:
        return []
    return [
        sentence
        for number, sentence in (
            (merge.moved, f"{_count_themes(merge.moved)} came with you."),
            (merge.same, f"{_count_themes(merge.same)} you had already."),
            (merge.left, f"{_count_themes(merge.left)} did not fit in, and will be there when you sign out."),
        )
        if number
    ]


def _count_themes(number: int) -> str:
    return "1 theme" if number == 1 else f"{number} themes"
