"""Reads the JSON object in the body of an API request."""

import json
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from core.api.errors import ApiError


def json_object(request: HttpRequest) -> dict[str, Any]:
    """Return the object. Raises ``ApiError`` ``media_type``, ``body_too_large`` or ``body_invalid``."""
    if request.content_type != "application/json":
        raise ApiError("media_type", "Send JSON, with the header Content-Type: application/json.")
    try:
        # json.loads(bytes) would also accept UTF-16 and UTF-32.
        fields = json.loads(request.body.decode("utf-8-sig"), parse_constant=_reject_constant)
    except RequestDataTooBig:
        raise ApiError("body_too_large", "The request is too large.") from None
    except UnicodeDecodeError:
        raise ApiError("body_invalid", "The body is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise ApiError("body_invalid", "The body is not JSON.") from None
    if not isinstance(fields, dict):
        raise ApiError("body_invalid", "The body must be a JSON object.")
    return fields


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON
