"""Is the server alive, and can it speak?"""

from django.http import HttpRequest, JsonResponse

from synthesis import runtime


async def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the default voice is loaded and its workers live; 503 until then."""
    ready = await runtime.current().ready()
    return JsonResponse({"ready": ready}, status=200 if ready else 503, headers={"Cache-Control": "no-store"})
