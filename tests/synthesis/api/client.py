"""Sends requests to the HTTP API in tests."""

import asyncio
import json
from typing import Any

from django.test import AsyncClient

from project.asgi import application


def scope_of(
    path: str = "/v1/audio/speech",
    *,
    address: str = "127.0.0.1",
    host: str = "testserver",
    method: str = "POST",
    query: str = "",
    **headers: str,
) -> dict[str, Any]:
    """Return the ASGI scope of a request with JSON. ``headers`` have underscores for hyphens."""
    fields = {"host": host, "content-type": "application/json"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "server": ["127.0.0.1", 80],
        "client": [address, 5],
        "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
    }


async def request(body: Any, **options: Any) -> tuple[int, dict[str, str], bytes]:
    """Send ``body``, as JSON unless it is bytes, through the ASGI application, and return status, headers and body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent: list[dict[str, Any]] = []
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": data, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope_of(**options), receive, send)
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


async def post(client: AsyncClient, body: Any, **extra: Any) -> Any:
    """Send ``body`` to ``/v1/audio/speech``, as JSON unless it is bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = extra.pop("address", "/v1/audio/speech")
    return await client.post(address, data=data, content_type=extra.pop("content_type", "application/json"), **extra)


async def content(response: Any) -> bytes:
    """Return the whole body."""
    return b"".join([part async for part in response]) if response.streaming else bytes(response.content)


async def speak(client: AsyncClient, text: str, **fields: Any) -> bytes:
    """Return the body of a successful response."""
    response = await post(client, {"input": text, **fields})
    assert response.status_code == 200, response.content
    return await content(response)
