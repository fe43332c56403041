"""Opens the gateway for the caller of an API request."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from core.api.access import identify, is_local, require_account
from synthesis import runtime
from synthesis.gateway import SpeechClient


async def open_client(request: HttpRequest, scope: str = "speak") -> SpeechClient:
    """Return the caller's client. Raises ``ApiError`` unless the caller may use the API, and
    ``StorageUnavailableError``.

    A token must permit ``scope``. Visitors need no token where the policy of visitors says so (``api_access``).
    """
    caller = await identify(request, scope)
    client = await runtime.get_runtime().gateway.open(caller.subject, settings.SYNTHESIS_HTTP_WAIT_S)
    if caller.is_visitor and not (
        client.policy.api_access == "all" or (client.policy.api_access == "local" and is_local(request))
    ):
        require_account(caller)
    return client


def ignore_session(request: HttpRequest) -> None:
    """Treat a request without a token as a visitor's, even if a browser sent the cookie of a session with it."""

    async def visitor() -> AnonymousUser:
        return AnonymousUser()

    request.auser = visitor
