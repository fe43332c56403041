"""Liveness and readiness endpoints."""

from typing import Any

from django.http import HttpRequest, JsonResponse

from core.process.process_table import ProcessState
from core.storage.redis_link import redis_link
from synthesis import runtime


async def healthz(request: HttpRequest) -> JsonResponse:
    """Return 200 as long as the process responds."""
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def readyz(request: HttpRequest) -> JsonResponse:
    """Return 200 when some process can speak immediately, 503 otherwise; with several processes, also their states."""
    current = runtime.get_runtime()
    state = await current.state()
    body: dict[str, Any] = {"ready": state is ProcessState.READY}
    if current.processes is not None:
        # Only processes that are not shutting down accept connections, so one that is ready is enough for new clients.
        body = {"ready": current.processes.ready, "processes": [row.to_dict() for row in current.processes.rows()]}
    if not redis_link.available:
        body["redis"] = "unreachable"
    return JsonResponse(body, status=200 if body["ready"] else 503, headers={"Cache-Control": "no-store"})
