"""The account's page of texts that programs sent: which tabs speak them, and those that wait."""

import uuid

from asgiref.sync import async_to_sync
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.web.pages import add_message
from terminal.say import delivery, store


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sent_texts(request: HttpRequest) -> HttpResponse:
    """List the texts that were neither spoken nor stopped. A POST stops texts, or chooses the tabs that speak."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required ensures it
    if request.method == "POST":
        _change(request, user.pk)
        return redirect("sent-texts")
    context = {"texts": store.pending(user.pk), "all_tabs": store.speaks_in_all_tabs(user.pk)}
    return render(request, "terminal/sent-texts.html", context)


def _change(request: HttpRequest, account: int) -> None:
    if "tabs" in request.POST:
        store.choose_tabs(account, all_tabs=request.POST["tabs"] == "all")
        add_message(request, "Saved.")
        return
    which = request.POST.get("stop", "")
    try:
        ids = None if which == "all" else [uuid.UUID(which)]
    except ValueError:
        return
    removed = store.remove(account, ids)
    async_to_sync(delivery.announce_removal)(account, removed)
    add_message(request, "Stopped." if removed else "It had ended already.")
