"""Requests to the server's HTTP API, repeated while the server cannot be reached or asks to wait."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2 as httpx

from alphanumeric_client.config import Config
from alphanumeric_client.errors import ClientError, Exit

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
TIMEOUT = httpx.Timeout(60, connect=5)
WITHOUT_TOKEN = "Create a token at {url}/accounts/tokens/, and store it: alphanumeric config set token"  # noqa: S105 - a hint


class Server:
    """One server; ``max_wait_s`` limits the time in which a request is repeated."""

    def __init__(
        self,
        config: Config,
        *,
        max_wait_s: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        notify: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._config = config
        self._max_wait_s = max_wait_s
        self._sleep = sleep
        self._clock = clock
        self._notify = notify
        headers = {"User-Agent": "alphanumeric-client"}
        if config.token:
            headers["Authorization"] = f"Bearer {config.token}"
        # Redirects are not followed: the token would go elsewhere.
        self._http = httpx.Client(base_url=config.url.rstrip("/").removesuffix("/v1"), headers=headers, timeout=TIMEOUT)

    def __enter__(self) -> "Server":
        """Return the server."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._http.close()

    def say(self, text: str, *, voice: str = "", speed: float | None = None, title: str = "") -> dict[str, Any]:
        """Speak a text in the account's open tabs. Raises ``ClientError``."""
        body = {"input": text, "voice": voice or None, "speed": speed, "title": title or None}
        return self._json("POST", "/v1/terminal/say", json=body)

    def stop(self, entry: str = "") -> list[str]:
        """Stop the texts of programs, or one, and return the ids of those that were stopped. Raises ``ClientError``."""
        path = f"/v1/terminal/say/{entry}" if entry else "/v1/terminal/say"
        return [one["id"] for one in self._json("DELETE", path)["data"]]

    def queue(self) -> list[dict[str, Any]]:
        """Return the texts that no tab has finished. Raises ``ClientError``."""
        return list(self._json("GET", "/v1/terminal/queue")["data"])

    def voices(self) -> list[dict[str, Any]]:
        """Return the voices. Raises ``ClientError``."""
        return list(self._json("GET", "/v1/audio/voices")["voices"])

    def speech(
        self, text: str, audio_format: str, *, voice: str = "", speed: float | None = None, **options: Any
    ) -> Iterator[bytes]:
        """Request the audio of a text, or its captions, and return their parts as they arrive.

        Raises ``ClientError``, also while the parts are read.
        """
        body = {"input": text, "voice": voice or None, "speed": speed, "response_format": audio_format, **options}
        return _bytes(self._send(self._http.build_request("POST", "/v1/audio/speech", json=body)))

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        response = self._send(self._http.build_request(method, path, **options))
        try:
            fields: dict[str, Any] = response.json() if response.read() else {}
        except (ValueError, httpx.HTTPError):
            raise ClientError(Exit.FAILED, f"{self._config.url} is not an Alphanumeric server.") from None
        finally:
            response.close()
        return fields

    def _send(self, request: httpx.Request) -> httpx.Response:
        """Return a successful response, whose body is not read yet."""
        until = self._clock() + self._max_wait_s
        wait = FIRST_WAIT_S
        while True:
            try:
                response = self._http.send(request, stream=True)
                if response.is_success:
                    return response
                error, asked_s = self._error(response)
            except (httpx.ConnectError, httpx.ConnectTimeout) as failure:
                # The request has not been sent, so that repeating it cannot speak twice.
                error, asked_s = ClientError(Exit.UNREACHABLE, f"{self._config.url} cannot be reached: {failure}."), 0.0
            except httpx.HTTPError as failure:
                raise ClientError(Exit.UNREACHABLE, f"The connection to {self._config.url} broke: {failure}.") from None
            pause = max(asked_s, wait * random.uniform(0.5, 1))  # noqa: S311 - jitter
            if error.status not in (Exit.UNREACHABLE, Exit.LIMITED) or self._clock() + pause > until:
                raise error
            self._notify(f"{error} Trying again in {pause:.0f} s.")
            self._sleep(pause)
            wait = min(2 * wait, LONGEST_WAIT_S)

    def _error(self, response: httpx.Response) -> tuple[ClientError, float]:
        """Return the error of a response, and the seconds that the server asks to wait."""
        try:
            response.read()
            details = response.json()["error"]
            message, code = str(details["message"]), str(details["code"])
            limit = details.get("limit") if isinstance(details.get("limit"), int) else 0
        except (ValueError, KeyError, TypeError, httpx.HTTPError):
            message, code, limit = f"{self._config.url} answered with status {response.status_code}.", "", 0
        finally:
            response.close()
        status = Exit.FAILED if response.status_code >= 500 else Exit.REJECTED
        if response.status_code in (401, 403):
            status = Exit.CONFIGURATION
            if code == "token_missing":
                message = WITHOUT_TOKEN.format(url=self._config.url)
        elif response.status_code in (429, 503):
            status = Exit.LIMITED
        written = response.headers.get("Retry-After", "")
        return ClientError(status, message, code=code, limit=limit or 0), float(written) if written.isdigit() else 0.0


def _bytes(response: httpx.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes()
    except httpx.HTTPError as failure:
        raise ClientError(Exit.UNREACHABLE, f"The connection broke during the audio: {failure}.") from None
    finally:
        response.close()
