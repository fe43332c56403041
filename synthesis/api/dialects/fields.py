"""Reads the parameters of dialects that send forms, in the query or in the body."""

from urllib.parse import parse_qsl

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from core.api.errors import ApiError
from core.limits import registry

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = registry.MAX_PARAMETERS.default


def form_fields(request: HttpRequest) -> dict[str, str]:
    """Return the query's parameters and those of the body, which win; of repeated ones, the last.

    Clients of MaryTTS name no media type. Raises ``ApiError`` ``media_type``, ``body_too_large`` or ``body_invalid``.
    """
    fields = _parse(request.META.get("QUERY_STRING", ""))
    if request.method == "POST":
        if request.content_type not in ("", FORM):
            raise ApiError("media_type", f"Send a form, with the header Content-Type: {FORM}.")
        try:
            fields |= _parse(request.body.decode("ascii"))
        except RequestDataTooBig:
            raise ApiError("body_too_large", "The request is too large.") from None
        except UnicodeDecodeError:
            raise ApiError("body_invalid", "The form is not percent-encoded.") from None
    return fields


def _parse(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS))
    except UnicodeDecodeError:
        raise ApiError("body_invalid", "The parameters are not UTF-8.") from None
    except ValueError:
        raise ApiError("body_invalid", f"There are more than {MAX_FIELDS} parameters.") from None
