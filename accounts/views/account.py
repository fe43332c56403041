"""What one can do with one's account; each view takes one decorator more in ``urls``."""

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView, View

from accounts import sessions
from accounts.data_export import export_account, own_themes
from accounts.forms import DeleteForm, PasswordForm
from accounts.throttling.attempts import add_retry_after
from accounts.views.base import ACCOUNT_URL, AccountPageMixin
from core.pages import add_message
from themes import identity, services


@method_decorator(never_cache, name="dispatch")
class Account(AccountPageMixin, TemplateView):
    """Who one is, and what can be done about it."""

    template_name = "accounts/account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the number of themes."""
        return super().get_context_data(
            count=len(own_themes(identity.from_request(self.request))),
            second_factor=settings.ADMIN_REQUIRE_2FA,
            **kwargs,
        )


class Password(AccountPageMixin, PasswordChangeView):
    """A new password; all other devices are signed out by it."""

    form_class = PasswordForm
    template_name = "accounts/password.html"
    success_url = reverse_lazy(ACCOUNT_URL)

    @method_decorator(never_cache)
    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As Django does it, and never kept by the browser."""
        return super().dispatch(*args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it, and say so."""
        here = sessions.current(self.request)
        answer = super().form_valid(form)
        sessions.rekey_session(self.request, here)
        add_message(self.request, "Your new password holds. Wherever else you were signed in, you no longer are.")
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """The form again, with what is wrong."""
        return add_retry_after(form, self.render_to_response(self.get_context_data(form=form), status=400))


@method_decorator(never_cache, name="dispatch")
class Sessions(LoginRequiredMixin, AccountPageMixin, TemplateView):
    """Where one is signed in, and the end of it."""

    template_name = "accounts/sessions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With all places, this one first."""
        user, here = _user(self.request), self.request.session.session_key
        # The middleware does so as well, but only after the list was made.
        sessions.touch_session(self.request, user)
        places = sorted(sessions.list_sessions(user), key=lambda place: place.session_key != here)
        return super().get_context_data(places=places, here=here, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """End one, all others, or all."""
        which, user, here = request.POST.get("end", ""), _user(request), request.session.session_key
        if which == "all":
            sessions.end_all(user, but=here)
            logout(request)
            add_message(request, "You are signed out everywhere. This browser is a new visitor now.")
            return redirect(ACCOUNT_URL)
        if which == "others":
            sessions.end_all(user, but=here)
            add_message(request, "You are signed out everywhere else.")
            return redirect("accounts:sessions")
        return self._end_one(request, which)

    def _end_one(self, request: HttpRequest, which: str) -> HttpResponse:
        place = sessions.get_session(_user(request), which)
        if place is None:
            add_message(request, "That one had ended already.")
        elif place.session_key == request.session.session_key:
            logout(request)
            add_message(request, "You are signed out. This browser is a new visitor now.")
            return redirect(ACCOUNT_URL)
        else:
            sessions.end(place)
            add_message(request, f"{place.user_agent} is signed out.")
        return redirect("accounts:sessions")


@method_decorator(never_cache, name="dispatch")
class Data(LoginRequiredMixin, View):
    """All that is kept of the person, to take away."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """A file of JSON."""
        data = export_account(request.user, identity.from_request(request))
        headers = {"Content-Disposition": 'attachment; filename="alphanumeric-account.json"'}
        return JsonResponse(data, headers=headers, json_dumps_params={"indent": 2, "ensure_ascii": False})


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class Delete(LoginRequiredMixin, AccountPageMixin, FormView):  # type: ignore[type-arg]  # as above
    """The end of an account and of all that belongs to it."""

    form_class = DeleteForm
    template_name = "accounts/delete.html"

    def get_form(self, form_class: type[DeleteForm] | None = None) -> DeleteForm:
        """For the one who is signed in."""
        return DeleteForm(_user(self.request), self.request.POST if self.request.method == "POST" else None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the number of themes that go with it."""
        return super().get_context_data(count=len(own_themes(identity.from_request(self.request))), **kwargs)

    def form_valid(self, form: DeleteForm) -> HttpResponse:
        """Delete everything, and say so."""
        user, who = _user(self.request), identity.from_request(self.request)
        name = user.get_username()
        with transaction.atomic():
            sessions.end_all(user, but=self.request.session.session_key)
            services.delete_owner(who)
            user.delete()
        logout(self.request)
        add_message(self.request, f"The account {name} is deleted, and with it all its themes and preferences.")
        return redirect(ACCOUNT_URL)

    def form_invalid(self, form: DeleteForm) -> HttpResponse:
        """The form again, with what is wrong."""
        return add_retry_after(form, self.render_to_response(self.get_context_data(form=form), status=400))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - LoginRequiredMixin has seen to it
    return request.user
