"""An HTTP client of the complete ASGI application."""

import json

from channels.testing import HttpCommunicator

from project.asgi import application


async def call(
    path: str, body: object = None, *, client: str = "127.0.0.1", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send a request to the ASGI application, and return status, headers and body."""
    given = {"host": "localhost", "content-type": "application/json", **headers}
    wire = HttpCommunicator(
        application,
        "GET" if body is None else "POST",
        path,
        b"" if body is None else json.dumps(body).encode(),
        [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
    )
    wire.scope["client"] = [client, 4000]
    await wire.send_input({"type": "http.request", "body": wire.body})
    start = await wire.receive_output(10)
    content, more = b"", True
    while more:
        part = await wire.receive_output(10)
        content, more = content + part.get("body", b""), part.get("more_body", False)
    return start["status"], {name.decode().lower(): value.decode() for name, value in start["headers"]}, content
