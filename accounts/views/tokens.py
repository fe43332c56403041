"""The account's page of access tokens: create, list, revoke."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from accounts import tokens
from accounts.forms import TokenForm
from accounts.views.base import AccountPageMixin
from core.api.tokens import SCOPES
from core.web.pages import add_message


@method_decorator(never_cache, name="dispatch")
class Tokens(LoginRequiredMixin, AccountPageMixin, FormView):  # type: ignore[type-arg]  # as Django's other views
    """Lists the account's tokens, creates and revokes them. A secret is part of one response only."""

    form_class = TokenForm
    template_name = "accounts/tokens.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the account."""
        return {**super().get_form_kwargs(), "user": _user(self.request)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the account's tokens, with descriptions of their scopes."""
        rows = [
            (row, [SCOPES.get(scope, scope) for scope in row.scopes]) for row in tokens.list_tokens(_user(self.request))
        ]
        return super().get_context_data(tokens=rows, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Revoke the chosen token or all tokens, or create one."""
        which = request.POST.get("revoke")
        if which is None:
            return super().post(request, *args, **kwargs)
        if which == "all":
            tokens.revoke_all(_user(request))
            add_message(request, "All your tokens are revoked.")
        else:
            name = tokens.revoke_token(_user(request), which)
            add_message(request, f"The token {name} is revoked." if name else "This token was already revoked.")
        return redirect("accounts:tokens")

    def form_valid(self, form: TokenForm) -> HttpResponse:
        """Create the token and show its secret, without a redirect: it is stored nowhere."""
        token, secret = form.create()
        context = self.get_context_data(form=self.form_class(user=_user(self.request)), secret=secret, created=token)
        return self.render_to_response(context)

    def form_invalid(self, form: TokenForm) -> HttpResponse:
        """Show the form with its errors, status 400."""
        return self.render_to_response(self.get_context_data(form=form), status=400)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - LoginRequiredMixin ensures it
    return request.user
