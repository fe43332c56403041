"""Help with themes that is the same for everybody: what there is, reading and writing files, mending contrast.

Nothing is stored and nobody is asked for, so there is nothing that another site's page could change in somebody's name.
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
from themes.contrast import MINIMA, failing
from themes.contrast import fix as fixed
from themes.errors import ThemeError
from themes.formats.json_text import parse
from themes.formats.text import decoded
from themes.tokens import FONTS, LINE_HEIGHTS, SIZES, TEXT, TOKENS
from themes.validation import THEME_BYTES, Document, check_name, document, quoted

_OVERHEAD = 8 * 1024
"""What a form needs around a file."""
_ENCODED = 3
"""How many characters a form takes for a byte of text, at the most."""


@require_safe
async def tokens(_request: HttpRequest) -> HttpResponseBase:
    """All that can be themed, and with what: the editor is made from it."""
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
            "bytes": THEME_BYTES,
        },
        headers={"Cache-Control": "public, no-cache"},
    )


@csrf_exempt
@require_POST
async def read(request: HttpRequest) -> HttpResponseBase:
    """The theme of a file that is sent, with what cannot be read in it."""
    try:
        minimum = _minimum(request.GET.get("minimum", str(TEXT)))
        data, name = _file(request)
        # Colours are computed for a while, and the loop that speaks must not wait for them.
        found = await asyncio.to_thread(formats.read, data, name=name)
    except ThemeError as error:
        return _refusal(error)
    theme = found.theme
    return JsonResponse({"theme": theme.public(), "format": found.format, "failing": _failing(theme, minimum)})


@csrf_exempt
@require_POST
async def write(request: HttpRequest) -> HttpResponseBase:
    """A theme as a file to keep."""
    try:
        form = _form(request, THEME_BYTES * _ENCODED)
        theme = (await asyncio.to_thread(formats.read, form.get("theme", "").encode(errors="replace"))).theme
        file = formats.write(theme, form.get("format", ""))
    except ThemeError as error:
        return _refusal(error)
    name = f"{slugify(theme.name) or 'theme'}.{file.extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(file.data, content_type=file.media_type, headers=headers)


@csrf_exempt
@require_POST
async def fix(request: HttpRequest) -> HttpResponseBase:
    """The theme with the colours moved that could not be read."""
    try:
        wish = parse(decoded(_body(request)))
        wish.only(("theme", "minimum_contrast"))
        theme = document(wish.values.get("theme"))
        minimum = _minimum(wish.values.get("minimum_contrast", TEXT))
        colours = await asyncio.to_thread(fixed, theme.colours, minimum)
    except ThemeError as error:
        return _refusal(error)
    mended = Document(theme.name, theme.scheme, colours, theme.typography)
    changed = [name for name, colour in colours.items() if colour != theme.colours[name]]
    return JsonResponse({"theme": mended.public(), "changed": changed, "failing": _failing(mended, minimum)})


def _failing(theme: Document, minimum: float) -> list[dict[str, Any]]:
    return [pair.public() for pair in failing(theme.colours, minimum)]


def _file(request: HttpRequest) -> tuple[bytes, str | None]:
    """The file and its name without the ending; a body that is no form is the file itself."""
    if request.content_type != "multipart/form-data":
        return _body(request), _name(request.GET.get("name", ""))
    _form(request, THEME_BYTES)
    file = request.FILES.get("file")
    if file is None:
        raise ThemeError("file_unreadable", "Choose a file.", param="file")
    return file.read(THEME_BYTES + 1), _name(PurePath(file.name or "").stem)


def _name(given: str) -> str | None:
    try:
        return check_name(given)
    except ThemeError:
        return None


def _body(request: HttpRequest) -> bytes:
    _bounded(request, THEME_BYTES)
    return request.read(THEME_BYTES + 1)


def _form(request: HttpRequest, limit: int) -> Any:
    _bounded(request, limit + _OVERHEAD)
    try:
        return request.POST
    except RequestDataTooBig:
        raise _too_large() from None
    except MultiPartParserError:
        raise ThemeError("file_unreadable", "The form is broken. Send the file again.", param="file") from None


def _bounded(request: HttpRequest, limit: int) -> None:
    """Refuse by its announced length what is too large, before any of it is read."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large()


def _too_large() -> ThemeError:
    return ThemeError(
        "file_too_large", f"A theme's file has at most {THEME_BYTES // 1024} KB.", param="file", limit=THEME_BYTES
    )


def _minimum(value: object) -> float:
    for minimum in MINIMA:
        if not isinstance(value, bool) and value in (minimum, f"{minimum:g}"):
            return minimum
    raise ThemeError(
        "field_invalid",
        f"The minimum contrast is 1, 4.5 or 7, not {quoted(value)}.",
        param="minimum_contrast",
        choices=list(MINIMA),
    )


def _refusal(error: ThemeError) -> JsonResponse:
    body = {"code": error.code, "message": error.message, "param": error.param, **error.details}
    return JsonResponse({"error": body}, status=400)
