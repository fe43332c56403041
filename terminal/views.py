"""The page, which also works without JavaScript, and the recordings of its form."""

import codecs
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.limits import registry
from core.web.http_range import range_response
from core.web.pages import page
from core.web.refusal_log import RefusalLog
from core.web.same_site import is_cross_site, is_same_origin, origin_refusal, same_site_only
from feedback.views import may_ask
from synthesis import runtime
from synthesis.api.errors import error_headers, error_status
from synthesis.errors import SpeechError
from synthesis.gateway import SpeechClient
from synthesis.limits.policy import LimitPolicy
from synthesis.pipeline.request import SpeechRequest
from synthesis.pipeline.wav_collector import collect_wav
from terminal.page_metrics import is_measured
from terminal.recordings import Recordings, is_first_synthesis, load_request, store_request
from terminal.split_text import first_piece
from terminal.voices.choices import read_choices, starting_voice
from themes.owners import identity
from themes.store.services import saw_visitor
from themes.store.snapshot_cache import snapshot_cache

SPEEDS = ("0.5", "0.75", "1.0", "1.25", "1.5", "1.75", "2.0", "2.5", "3.0")
WAV = "audio/wav"
NO_UPGRADE = (
    "A websocket handshake arrived without its Upgrade header. Configure the proxy to pass websockets "
    "(nginx: proxy_http_version 1.1, and proxy_set_header for Upgrade and Connection)."
)
OVER_HTTP = "The proxy does not pass websockets. Each text is sent as a form, and the page loads again to speak it."

MAX_FILE_BYTES = registry.MAX_PLAIN_FILE_BYTES.default
MAX_PARTS = registry.PLAIN_FORM_PARTS.default
OTHER_SITE = "Another site sent this text. Copy it, and paste it into the page."
COMMAND = "Without JavaScript there is only the command /help. To speak a text that begins with a slash, type two."

_recordings = Recordings()
_refusals = RefusalLog(logging.getLogger(__name__))


@dataclass(frozen=True, slots=True)
class SpeechForm:
    """The fields of the form as they were sent."""

    text: str = ""
    voice: str = ""
    speaker: str = ""
    speed: str = "1.0"


@dataclass(frozen=True, slots=True)
class SpokenPart:
    """A part of the submitted text, and the URL of its recording."""

    text: str
    audio: str


@gzip_page  # The page has no secret whose length compression could reveal (BREACH).
@csrf_exempt  # The form stores nothing permanent, and works without cookies.
@same_site_only
@require_http_methods(["GET", "HEAD", "POST"])
async def terminal(http: HttpRequest) -> HttpResponseBase:
    """Return the page; for a POST, with players for the text, or with an error and the text still in the form.

    A long text is split. Parts that are not accepted, as when the quota is reached, stay in the form.
    """
    if http.method != "POST":
        return await _page(http, SpeechForm())
    speech_form = SpeechForm()
    parts: list[SpokenPart] = []
    try:
        client = await _open(http)
        speech_form = _parse_form(http, client.policy)
        text = speech_form.text.strip()
        if text.startswith("/") and not text.startswith("//") and "\n" not in text:
            return await _command(http, speech_form)
        text = text.removeprefix("/") if text.startswith("//") else text
        while text or not parts:
            if len(parts) == MAX_PARTS:
                raise SpeechError("text_too_long", f"The first {MAX_PARTS} parts are above. Send the rest next.")
            piece, text = first_piece(text, client.policy.max_text_length)
            request = await _charged_request(client, replace(speech_form, text=piece))
            parts.append(SpokenPart(piece, reverse("recording", args=[await store_request(request)])))
            speech_form = replace(speech_form, text=text)
    except SpeechError as error:
        return await _page(http, speech_form, parts=parts, error=error)
    return await _page(http, speech_form, parts=parts)


@csrf_exempt  # It stores and speaks nothing.
@require_http_methods(["GET", "HEAD", "POST"])
async def share(http: HttpRequest) -> HttpResponseBase:
    """Return the page with a text of a share sheet in the prompt, which the user must send to hear it.

    The service worker answers in place of this view (``static/js/offline/service-worker.js``). The operating system's
    request has no site, so its origin is ``null``; a request that names another site is refused.
    """
    if http.method != "POST":
        return redirect("terminal")
    if is_cross_site(http) and http.headers.get("Sec-Fetch-Site") != "none":
        return await sync_to_async(page)(http, "refused.html", {"refusal": OTHER_SITE}, status=403)
    try:
        lines = [http.POST.get(name, "").replace("\r\n", "\n").strip() for name in ("title", "text", "url")]
    except RequestDataTooBig:
        error = SpeechError("text_too_long", "The shared text is too long. Save it as a file, and open that.")
        return await _page(http, SpeechForm(), error=error)
    text = "\n".join(line for place, line in enumerate(lines) if line and not _is_repeated(lines, place))
    return await _page(http, SpeechForm(text=f"/{text}" if text.startswith("/") else text))


def _is_repeated(lines: Sequence[str], place: int) -> bool:
    """Return whether another line contains this one; of equal lines the first stays."""
    line = lines[place]
    return line in lines[:place] or any(line in other and line != other for other in lines)


@csrf_exempt  # As above.
@same_site_only
@require_POST
async def download_wav(http: HttpRequest) -> HttpResponseBase:
    """Return the speech of a text as a WAV file to download."""
    try:
        client = await _open(http)
        request = await _charged_request(client, _parse_form(http, client.policy))
        name = secrets.token_urlsafe(16)
        wav = await collect_wav(client.events(request))
        _recordings.keep(name, wav, client.subject.key)
    except SpeechError as error:
        return _text_error(error)
    response = range_response(len(wav), partial(_recordings.parts, name), WAV, None)
    response["Content-Disposition"] = 'attachment; filename="alphanumeric.wav"'
    return response


@require_GET
async def recording(http: HttpRequest, token: str) -> HttpResponseBase:
    """Return the recording of a text that was sent with the form."""
    fields = await load_request(token)
    if fields is None:
        raise Http404("That recording has expired. Send the text again.")
    try:
        client = await _open(http)
        request = await client.build(**fields)
        if not _recordings.has(token):
            if await is_first_synthesis(token):
                # The text was charged when it was sent. Check it again: the policy can have changed since.
                await client.check_text(request)
            else:
                await client.charge(request)
        # The recording task holds the concurrency slot, so the slot stays taken until the work ends even if the
        # browser disconnects.
        wav = await _recordings.get(token, lambda: collect_wav(client.events(request)), client.subject.key)
    except SpeechError as error:
        return _text_error(error)
    response = range_response(len(wav), partial(_recordings.parts, token), WAV, http.headers.get("Range"))
    response["Cache-Control"] = "private, max-age=600"
    return response


@csrf_exempt  # It changes nothing.
async def without_websocket(http: HttpRequest) -> HttpResponseBase:
    """Answer plain HTTP requests at the websocket's address.

    A proxy that does not pass websockets turns a handshake into one. A page whose sockets fail sends a POST, to which
    browsers add its origin, and gets the cause as JSON: the origin or the proxy.
    """
    if http.method == "POST":
        origin = http.headers.get("Origin", "")
        allowed = not origin or is_same_origin(origin, http.headers.get("Host", ""))
        summary = "the proxy does not pass websockets" if allowed else "the server refuses this address"
        message = OVER_HTTP if allowed else origin_refusal(origin, http.headers.get("Host", ""))
        answer = {"summary": summary, "message": message, "form": allowed}
        return JsonResponse(answer, headers={"Cache-Control": "no-store"})
    if "Sec-WebSocket-Key" in http.headers:
        _refusals.warn(NO_UPGRADE)
    headers = {"Upgrade": "websocket"}
    return HttpResponse(f"{NO_UPGRADE}\n", content_type="text/plain; charset=utf-8", status=426, headers=headers)


@cache_control(public=True, max_age=86400)
@require_GET
async def favicon(_http: HttpRequest) -> HttpResponseBase:
    """Redirect to the icon: browsers request this path on pages that name no icon, such as the admin's."""
    return redirect(static("favicon.svg"))


async def _open(http: HttpRequest) -> SpeechClient:
    return await runtime.get_runtime().gateway.open_for(http)


def _text_error(error: SpeechError) -> HttpResponse:
    return HttpResponse(
        error.message,
        content_type="text/plain; charset=utf-8",
        status=error_status(error),
        headers=error_headers(error),
    )


def _parse_form(http: HttpRequest, policy: LimitPolicy) -> SpeechForm:
    try:
        form = http.POST
    except RequestDataTooBig:
        raise SpeechError(
            "text_too_long",
            f"A text may have {policy.max_text_length} characters.",
            param="text",
            limit=policy.max_text_length,
        ) from None
    # A form sends line breaks as CR LF, which would count as two characters.
    text = form.get("text", "")
    if file := http.FILES.get("file"):
        data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            message = f"A text file may have {MAX_FILE_BYTES // 1024} KB. Split it, or use a browser with JavaScript."
            raise SpeechError("text_too_long", message, param="file", limit=MAX_FILE_BYTES)
        text = _decode(data).strip()
        # A file is never a command: two slashes are a text that begins with one.
        text = f"/{text}" if text.startswith("/") else text
    text = text.replace("\r\n", "\n")
    return SpeechForm(text, form.get("voice", ""), form.get("speaker", ""), form.get("speed", "1.0"))


def _decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, or with a byte order mark in UTF-16. Raises ``SpeechError``."""
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        message = "The file is not a text in UTF-8. Save it as plain text in UTF-8, and try again."
        raise SpeechError("text_encoding", message, param="file") from error


async def _command(http: HttpRequest, speech_form: SpeechForm) -> HttpResponse:
    if speech_form.text.strip().lower() == "/help":
        return await _page(http, replace(speech_form, text=""), show_help=True)
    return await _page(http, speech_form, error=SpeechError("command_unknown", COMMAND, param="text"))


async def _charged_request(client: SpeechClient, speech_form: SpeechForm) -> SpeechRequest:
    """Validate, charge and check a text. Raises ``SpeechError``."""
    try:
        speed = float(speech_form.speed)
    except ValueError:
        speed = float("nan")
    request = await client.build(
        speech_form.text, voice=speech_form.voice or None, speaker=speech_form.speaker or None, speed=speed
    )
    await client.charge(request)
    return request


async def _page(
    http: HttpRequest,
    speech_form: SpeechForm,
    *,
    parts: Sequence[SpokenPart] = (),
    error: SpeechError | None = None,
    show_help: bool = False,
) -> HttpResponse:
    catalog = await runtime.get_runtime().catalog.read()
    who = await identity.afrom_request(http)
    shown = (await snapshot_cache.read(who)).on(who.device)
    if who.has_cookie and who.user is None:
        await saw_visitor(who)
    accepted = http.headers.get("Accept-Language", "")
    voice = speech_form.voice or starting_voice(await read_choices(who), catalog, accepted) or ""
    context: dict[str, Any] = {
        "color_scheme": shown.color_scheme,
        "theme_dark": shown.dark,
        "theme_light": shown.light,
        "theme_mode": shown.mode,
        "voices": [entry.to_dict() for entry in catalog.entries],
        "voice": voice,
        "language": next((entry.language for entry in catalog.entries if entry.id == voice), ""),
        "speed": speech_form.speed,
        "speeds": SPEEDS,
        "limits": {
            "text": (await _open(http)).policy.max_text_length,
            "file_mb": settings.DOCUMENT_MAX_MB,
            "urls": settings.DOCUMENT_URLS_ENABLED,
        },
        "text": speech_form.text,
        "parts": parts,
        "show_help": show_help,
        "offline": settings.OFFLINE_PAGE,
        "feedback": settings.FEEDBACK,
        "ask_rating": may_ask(http),
        "measured": await is_measured(http, who.user),
        "error": {"code": error.code, "message": error.message} if error else None,
    }
    response = render(http, "terminal.html", context, status=error_status(error) if error else 200)
    for name, value in (error_headers(error) if error else {}).items():
        response[name] = value
    return response
