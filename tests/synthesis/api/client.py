"""Sends requests to the HTTP API in tests."""

import json
from typing import Any

from django.test import AsyncClient


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
