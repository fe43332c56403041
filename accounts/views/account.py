"""Account pages: overview, password, sessions, data export, deletion."""

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
from accounts.models import AccountPreferences, caches_speech, reports_page_metrics
from accounts.throttling.attempts import add_retry_after
from accounts.views.base import ACCOUNT_URL, AccountPageMixin
from core.web.pages import add_message
from themes.owners import identity
from themes.store import services


@method_decorator(never_cache, name="dispatch")
class Account(AccountPageMixin, TemplateView):
    """Shows the account overview."""

    template_name = "accounts/account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the number of own themes and whether two-factor authentication is required."""
        return super().get_context_data(
            count=len(own_themes(identity.from_request(self.request))),
            second_factor=settings.ADMIN_REQUIRE_2FA,
            caches_speech=self.request.user.pk is None or caches_speech(self.request.user.pk),
            page_metrics=self.request.user.pk is None or reports_page_metrics(self.request.user.pk),
            page_metrics_share=settings.PAGE_METRICS_SHARE,
            **kwargs,
        )


@method_decorator(never_cache, name="dispatch")
class Preferences(LoginRequiredMixin, View):
    """Changes whether the server keeps repeated sentences in memory, and whether pages report their timings."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save the choices."""
        cached, measured = "cache_speech" in request.POST, "page_metrics" in request.POST
        AccountPreferences.objects.update_or_create(
            user=_user(request), defaults={"cache_speech": cached, "page_metrics": measured}
        )
        kept = "Repeated sentences are kept in memory." if cached else "None of your speech is kept in memory."
        add_message(request, f"{kept} This applies from your next text on.")
        return redirect(ACCOUNT_URL)


class Password(AccountPageMixin, PasswordChangeView):
    """Changes the password, which ends all other sessions of the account."""

    form_class = PasswordForm
    template_name = "accounts/password.html"
    success_url = reverse_lazy(ACCOUNT_URL)

    @method_decorator(never_cache)
    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Dispatch as Django does, with caching disabled."""
        return super().dispatch(*args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Save the password and keep this session."""
        here = sessions.current(self.request)
        answer = super().form_valid(form)
        sessions.rekey_session(self.request, here)
        add_message(self.request, "Your password was changed. All your other sessions are signed out.")
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form with its errors: status 400, or 429 if throttled."""
        return add_retry_after(form, self.render_to_response(self.get_context_data(form=form), status=400))


@method_decorator(never_cache, name="dispatch")
class Sessions(LoginRequiredMixin, AccountPageMixin, TemplateView):
    """Lists and ends the account's sessions."""

    template_name = "accounts/sessions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the account's sessions, the current one first."""
        user, here = _user(self.request), self.request.session.session_key
        # The middleware records it too, but only after this list has been read.
        sessions.touch_session(self.request, user)
        places = sorted(sessions.list_sessions(user), key=lambda place: place.session_key != here)
        return super().get_context_data(places=places, here=here, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the chosen session, all other sessions, or all sessions."""
        which, user, here = request.POST.get("end", ""), _user(request), request.session.session_key
        if which == "all":
            sessions.end_all(user, but=here)
            logout(request)
            add_message(request, "All your sessions are signed out.")
            return redirect(ACCOUNT_URL)
        if which == "others":
            sessions.end_all(user, but=here)
            add_message(request, "All your other sessions are signed out.")
            return redirect("accounts:sessions")
        return self._end_one(request, which)

    def _end_one(self, request: HttpRequest, which: str) -> HttpResponse:
        place = sessions.get_session(_user(request), which)
        if place is None:
            add_message(request, "This session had already ended.")
        elif place.session_key == request.session.session_key:
            logout(request)
            add_message(request, "You are signed out.")
            return redirect(ACCOUNT_URL)
        else:
            sessions.end(place)
            add_message(request, f"{place.user_agent} is signed out.")
        return redirect("accounts:sessions")


@method_decorator(never_cache, name="dispatch")
class Data(LoginRequiredMixin, View):
    """Downloads the account's stored data."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the data as a JSON file."""
        data = export_account(request.user, identity.from_request(request))
        headers = {"Content-Disposition": 'attachment; filename="alphanumeric-account.json"'}
        return JsonResponse(data, headers=headers, json_dumps_params={"indent": 2, "ensure_ascii": False})


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class Delete(LoginRequiredMixin, AccountPageMixin, FormView):  # type: ignore[type-arg]  # as above
    """Deletes the account and its data."""

    form_class = DeleteForm
    template_name = "accounts/delete.html"

    def get_form(self, form_class: type[DeleteForm] | None = None) -> DeleteForm:
        """Return the form for the signed-in user."""
        return DeleteForm(_user(self.request), self.request.POST if self.request.method == "POST" else None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the number of themes that will be deleted."""
        return super().get_context_data(count=len(own_themes(identity.from_request(self.request))), **kwargs)

    def form_valid(self, form: DeleteForm) -> HttpResponse:
        """Delete the account with its sessions and themes, and sign out."""
        user, who = _user(self.request), identity.from_request(self.request)
        name = user.get_username()
        with transaction.atomic():
            sessions.end_all(user, but=self.request.session.session_key)
            services.delete_owner(who)
            user.delete()
        logout(self.request)
        add_message(self.request, f"The account {name}, its themes and its preferences were deleted.")
        return redirect(ACCOUNT_URL)

    def form_invalid(self, form: DeleteForm) -> HttpResponse:
        """Show the form with its errors: status 400, or 429 if throttled."""
        return add_retry_after(form, self.render_to_response(self.get_context_data(form=form), status=400))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - LoginRequiredMixin ensures it
    return request.user
