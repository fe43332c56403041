"""The editor's stateless JSON API: list of tokens, file import and export, contrast fix.

The views store nothing and need no identity, so cross-site request forgery (CSRF) has no effect on them.
"""

import asyncio
from pathlib import PurePath
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.text import slugify
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from themes import formats
from themes.color.contrast import MINIMA, failing_pairs
from themes.color.contrast import fix_contrast as fixed
from themes.errors import ThemeError
from themes.formats.decoding import decode, too_large_file
from themes.formats.json_parser import parse_object
from themes.schema import MAX_THEME_BYTES, ThemeData, abbreviate, parse_theme
from themes.tokens import FONTS, LINE_HEIGHTS, SIZES, TEXT, TOKENS

_FORM_OVERHEAD_BYTES = 8 * 1024
"""Bytes that multipart encoding may add to a file."""
_MAX_ENCODED_LENGTH = 3
"""Characters per byte of text in percent-encoding, at most."""


@require_safe
async def token_list(_request: HttpRequest) -> HttpResponseBase:
    """Return tokens, fonts, sizes, line heights and formats, from which the editor is built."""
    return JsonResponse(
        {
            "tokens": [
                {
                    "name": token.name,
                    "group": token.group,
                    "label": token.label,
                    "against": token.against,
                    "contrast": token.contrast,
                }
                for token in TOKENS
            ],
            "fonts": [{"name": name, "stack": stack} for name, stack in FONTS.items()],
            "sizes": SIZES,
            "line_heights": LINE_HEIGHTS,
            "formats": [
                {
                    "name": known.name,
                    "label": known.label,
                    "extension": known.extension,
                    "readable": True,
                    "writable": known.write is not None,
                }
                for known in formats.FORMATS.values()
            ],
            "bytes": MAX_THEME_BYTES,
        },
        headers={"Cache-Control": "public, no-cache"},
    )


@csrf_exempt
@require_POST
async def import_file(request: HttpRequest) -> HttpResponseBase:
    """Return the uploaded file's theme as JSON, with its failing color pairs and ignored keys.

    ``?scheme=`` selects one of several schemes. Status 400 for a ``ThemeError``.
    """
    try:
        minimum = _minimum(request.GET.get("minimum", str(TEXT)))
        data, name = _file(request)
        # Computing the colors takes long enough to block the event loop.
        found = await asyncio.to_thread(formats.read, data, name=name, scheme=request.GET.get("scheme"))
    except ThemeError as error:
        return _error_response(error)
    theme = found.theme
    return JsonResponse(
        {
            "theme": theme.to_dict(),
            "format": found.format,
            "failing": _failing(theme, minimum),
            "scheme": found.scheme,
            "schemes": found.schemes,
            "ignored": found.ignored,
            "remarks": found.remarks,
            "summary": found.summary,
        }
    )


@csrf_exempt
@require_POST
async def export_file(request: HttpRequest) -> HttpResponseBase:
    """Return the theme as a file to download. Status 400 for a ``ThemeError``."""
    try:
        form = _form(request, MAX_THEME_BYTES * _MAX_ENCODED_LENGTH)
        theme = (await asyncio.to_thread(formats.read, form.get("theme", "").encode(errors="replace"))).theme
        file = formats.write(theme, form.get("format", ""))
    except ThemeError as error:
        return _error_response(error)
    name = f"{slugify(theme.name) or 'theme'}.{file.extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(file.data, content_type=file.media_type, headers=headers)


@csrf_exempt
@require_POST
async def fix_contrast_of_theme(request: HttpRequest) -> HttpResponseBase:
    """Return the theme with fixed contrast as JSON. Status 400 for a ``ThemeError``."""
    try:
        wish = parse_object(decode(read_body(request)))
        wish.require_keys(("theme", "minimum_contrast"))
        theme = parse_theme(wish.values.get("theme"))
        minimum = _minimum(wish.values.get("minimum_contrast", TEXT))
        colors = await asyncio.to_thread(fixed, theme.colors, minimum)
    except ThemeError as error:
        return _error_response(error)
    fixed_theme = ThemeData(theme.name, theme.scheme, colors, theme.typography)
    changed = [name for name, color in colors.items() if color != theme.colors[name]]
    return JsonResponse({"theme": fixed_theme.to_dict(), "changed": changed, "failing": _failing(fixed_theme, minimum)})


def _failing(theme: ThemeData, minimum: float) -> list[dict[str, Any]]:
    return [pair.to_dict() for pair in failing_pairs(theme.colors, minimum)]


def _file(request: HttpRequest) -> tuple[bytes, str | None]:
    """Return the file and its name without the extension; a body that is no multipart form is the file itself."""
    if request.content_type != "multipart/form-data":
        return read_body(request), request.GET.get("name")
    _form(request, MAX_THEME_BYTES)
    file = request.FILES.get("file")
    if file is None:
        raise ThemeError("file_unreadable", "Choose a file.", param="file")
    return file.read(MAX_THEME_BYTES + 1), PurePath(file.name or "").stem


def read_body(request: HttpRequest) -> bytes:
    """Return the body, at most a byte more than a theme file. Raises ``ThemeError`` ``file_too_large``."""
    _check_announced_length(request, MAX_THEME_BYTES)
    return request.read(MAX_THEME_BYTES + 1)


def _form(request: HttpRequest, limit: int) -> Any:
    _check_announced_length(request, limit + _FORM_OVERHEAD_BYTES)
    try:
        return request.POST
    except RequestDataTooBig:
        raise too_large_file() from None
    except MultiPartParserError:
        raise ThemeError(
            "file_unreadable", "The multipart form is malformed. Send the file again.", param="file"
        ) from None


def _check_announced_length(request: HttpRequest, limit: int) -> None:
    """Raise ``ThemeError`` ``file_too_large`` by ``Content-Length``, before the body is read."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise too_large_file()


def _minimum(value: object) -> float:
    for minimum in MINIMA:
        if not isinstance(value, bool) and value in (minimum, f"{minimum:g}"):
            return minimum
    raise ThemeError(
        "field_invalid",
        f"The minimum contrast must be 1, 4.5 or 7, not {abbreviate(value)}.",
        param="minimum_contrast",
        choices=list(MINIMA),
    )


def _error_response(error: ThemeError) -> JsonResponse:
    body = {"code": error.code, "message": error.message, "param": error.param, **error.details}
    return JsonResponse({"error": body}, status=400)
