"""Help with themes keeps nothing, but is work for anybody who asks: counted by address, as nothing else counts it."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from synthesis.admission import subject_of
from synthesis.quota import Meter, Reading

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]

HELPED_A_MINUTE = 120
"""Files read and written, and contrasts mended: each is a click, and up to a tenth of a second of work."""


def so_often(view: View) -> View:
    """Refuse an address that asks more often, before anything of what it sends is read."""

    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        subject = subject_of(None, request.META.get("REMOTE_ADDR"))
        take = partial(Meter(caches["limits"], "helped").take, subject.key, 1, HELPED_A_MINUTE)
        # Redis is a way over the network.
        helped = await asyncio.to_thread(take) if settings.REDIS_URL else take()
        return await view(request, *args, **kwargs) if helped.granted else _refusal(helped)

    return guarded


def _refusal(helped: Reading) -> JsonResponse:
    message = f"That is more help than {helped.limit} times in a minute. Try again in {helped.resets_in_s} s."
    error = {"code": "limit_helped", "message": message, "param": None, "limit": helped.limit}
    return JsonResponse(
        {"error": {**error, "retry_after": helped.resets_in_s}},
        status=429,
        headers={"Retry-After": str(helped.resets_in_s)},
    )
