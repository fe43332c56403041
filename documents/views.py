"""Views that open files as documents, and that store and delete the positions in them."""

import asyncio
import json
import re
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from core.api.errors import error_response
from core.limits import registry
from core.limits.quotas import FixedWindowCounter
from core.limits.subjects import subject_for, user_id_of
from core.storage import database
from core.web.pages import PageMixin, add_message
from core.web.same_site import same_site_only
from core.web.users import user_of
from documents import positions
from documents.errors import DocumentError
from documents.sandbox import Extractions
from themes.owners import identity
from themes.owners.identity import Identity

PER_MINUTE = registry.DOCUMENTS_PER_MINUTE.default
MAX_POSITION_BYTES = 1024
_EXTENSION = re.compile(r"[a-z0-9]{0,10}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_opened = FixedWindowCounter(caches["limits"], "documents")
_extractions = Extractions()


@csrf_exempt  # The decorator below refuses other sites; the page has no token, because it works without cookies.
@same_site_only
@require_POST
async def extract(http: HttpRequest) -> HttpResponseBase:
    """Return the text of the file in the body, with its outline and the position at which the user stopped."""
    try:
        data = _file(http)
        user = await user_key(http)
        await charge(_opened, user, PER_MINUTE, "files")
        return await extracted(http, data, _extension(http), user)
    except DocumentError as error:
        return error_response(error, error.status)


async def extracted(http: HttpRequest, data: bytes, extension: str, user: str) -> HttpResponse:
    """Return the text of a file, with its outline and the user's position. Raises ``DocumentError``."""
    found = await _extractions.extract(data, extension, user)
    stored = await database.read(partial(positions.find, await identity.afrom_request(http), found.digest))
    # Parsing the body here would delay speech.
    body = b'{"position":%d,"document":%b}' % (stored, found.body)
    return HttpResponse(body, content_type="application/json", headers={"Cache-Control": "no-store"})


@csrf_exempt  # As above.
@same_site_only
@require_POST
async def position(http: HttpRequest) -> HttpResponseBase:
    """Store the user's position in a document: ``{"digest", "offset"}``."""
    try:
        digest, offset = _parse_position(http.read(MAX_POSITION_BYTES + 1))
    except (ValueError, TypeError, KeyError, RecursionError, RequestDataTooBig):
        error = DocumentError("document_invalid", "A position has a digest and an offset.")
        return error_response(error, error.status)
    await database.write(partial(positions.store, await identity.afrom_request(http), digest, offset))
    return HttpResponse(status=204)


@method_decorator(never_cache, name="dispatch")
class Positions(PageMixin, TemplateView):
    """Shows how many positions are stored, deletes them, and changes whether they are stored."""

    template_name = "documents/positions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the number of positions and the user's choice."""
        who = self._who()
        return super().get_context_data(
            section="accounts",
            count=positions.count(who),
            stores_positions=positions.are_stored(who),
            allowed=bool(settings.DOCUMENT_POSITIONS),
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Delete the positions, or change the choice."""
        who = self._who()
        if "delete" in request.POST:
            positions.delete_all(who)
            add_message(request, "Your positions in documents were deleted.")
        else:
            store = "store" in request.POST
            positions.choose(who, store_positions=store)
            add_message(request, f"Positions in documents are {'' if store else 'not '}stored.")
        return redirect("document-positions")

    def _who(self) -> Identity:
        return identity.from_request(self.request)


def _file(http: HttpRequest) -> bytes:
    """Return the body. Raises ``DocumentError`` if it is too large, before it is read."""
    most = settings.DOCUMENT_MAX_MB * 2**20
    length = http.headers.get("Content-Length", "")
    # Without a length, the server takes small bodies only.
    stated = int(length) if length.isascii() and length.isdigit() else 0
    data: bytes = b"" if stated > most else http.read(most + 1)
    if max(stated, len(data)) > most:
        message = f"A file may have {settings.DOCUMENT_MAX_MB} MB. Remove its pictures, or split it."
        raise DocumentError("document_too_large", message, limit=most)
    if not data:
        raise DocumentError("document_empty", "The file is empty.")
    return data


def _extension(http: HttpRequest) -> str:
    """Return the extension of the file's name; the name itself is not sent."""
    extension = http.GET.get("type", "").lower()
    return extension if _EXTENSION.fullmatch(extension) else ""


async def user_key(http: HttpRequest) -> str:
    """Return the key of the account or address that is counted."""
    return subject_for(user_id_of(await user_of(http)), http.META.get("REMOTE_ADDR")).key


async def charge(counter: FixedWindowCounter, user: str, per_minute: int, what: str) -> None:
    """Count a document of the user. Raises ``DocumentError`` ``limit_documents``."""
    status = await asyncio.to_thread(counter.consume, user, 1, per_minute)
    if not status.allowed:
        raise DocumentError(
            "limit_documents",
            f"The limit is {per_minute} {what} per minute. Try again in {status.reset_in_s} s.",
            limit=per_minute,
            retry_after=status.reset_in_s,
        )


def _parse_position(body: bytes) -> tuple[str, int]:
    fields = json.loads(body)
    digest, offset = fields["digest"], fields["offset"]
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise ValueError("digest")
    if type(offset) is not int or not 0 <= offset <= positions.MAX_OFFSET:
        raise ValueError("offset")
    return digest, offset
