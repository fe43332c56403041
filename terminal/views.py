"""The page, complete without JavaScript, and its recordings."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from synthesis import runtime
from synthesis.errors import SpeechError
from synthesis.limits import POLICY
from synthesis.same_site import same_site_only
from synthesis.speech import Request, validate
from synthesis.whole import whole_wav
from terminal.ranges import ranged
from terminal.spoken import Recordings, recall, remember

SPEEDS = ("0.5", "0.75", "1.0", "1.25", "1.5", "1.75", "2.0", "2.5", "3.0")
WAV = "audio/wav"

_recordings = Recordings()


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the form holds, as it was sent."""

    text: str = ""
    voice: str = ""
    speaker: str = ""
    speed: str = "1.0"


@gzip_page  # Nothing secret is on it whose length could tell (BREACH).
@csrf_exempt  # The form writes nothing that lasts, and works with cookies refused.
@same_site_only
@require_http_methods(["GET", "HEAD", "POST"])
async def terminal(http: HttpRequest) -> HttpResponseBase:
    """The page; a form that was sent is answered with a player, or with what is wrong and the text kept."""
    if http.method != "POST":
        return await _page(http, _Wish())
    wish = _Wish()
    try:
        wish = _wish(http)
        token = await remember(await _request(wish))
    except SpeechError as error:
        return await _page(http, wish, error=error, status=503 if "retry_after" in error.details else 400)
    return await _page(http, wish, audio=reverse("spoken", args=[token]))


@csrf_exempt  # As above.
@same_site_only
@require_POST
async def save(http: HttpRequest) -> HttpResponseBase:
    """A text as a WAV file to keep."""
    try:
        wav = await whole_wav(runtime.current().speech, await _request(_wish(http)))
    except SpeechError as error:
        return HttpResponse(error.message, content_type="text/plain; charset=utf-8", status=400)
    return HttpResponse(
        wav, content_type=WAV, headers={"Content-Disposition": 'attachment; filename="alphanumeric.wav"'}
    )


@require_GET
async def spoken(http: HttpRequest, token: str) -> HttpResponseBase:
    """What the form's text sounds like."""
    wish = await recall(token)
    if wish is None:
        raise Http404("That recording is no longer kept. Send the text again.")
    here = runtime.current()
    try:
        wav = await _recordings.get(token, here.speech, validate(await here.catalogue.read(), **wish))
    except SpeechError as error:
        return HttpResponse(error.message, content_type="text/plain; charset=utf-8", status=503)
    response = ranged(wav, WAV, http.headers.get("Range"))
    response["Cache-Control"] = "private, max-age=600"
    return response


def _wish(http: HttpRequest) -> _Wish:
    try:
        form = http.POST
    except RequestDataTooBig:
        raise SpeechError(
            "text_too_long", f"A text may have {POLICY.text} characters.", param="text", limit=POLICY.text
        ) from None
    # A form sends line ends as CR LF, which would count twice.
    text = form.get("text", "").replace("\r\n", "\n")
    return _Wish(text, form.get("voice", ""), form.get("speaker", ""), form.get("speed", "1.0"))


async def _request(wish: _Wish) -> Request:
    try:
        speed = float(wish.speed)
    except ValueError:
        speed = float("nan")
    catalogue = await runtime.current().catalogue.read()
    return validate(catalogue, wish.text, voice=wish.voice or None, speaker=wish.speaker or None, speed=speed)


async def _page(
    http: HttpRequest, wish: _Wish, *, audio: str | None = None, error: SpeechError | None = None, status: int = 200
) -> HttpResponse:
    catalogue = await runtime.current().catalogue.read()
    context: dict[str, Any] = {
        "voices": [entry.public() for entry in catalogue.entries],
        "voice": wish.voice or (catalogue.default.id if catalogue.default else ""),
        "speed": wish.speed,
        "speeds": SPEEDS,
        "limits": {"text": POLICY.text},
        "text": "" if audio else wish.text,
        "spoken": wish.text if audio else "",
        "audio": audio,
        "error": {"code": error.code, "message": error.message} if error else None,
    }
    return render(http, "terminal.html", context, status=status)
