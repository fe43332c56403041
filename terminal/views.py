"""The page, complete without JavaScript, and its recordings."""

import secrets
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.http_range import range_response
from core.same_site import same_site_only
from core.subjects import RateLimitSubject, subject_for, user_id_of
from synthesis import runtime
from synthesis.api.errors import STATUS, error_headers
from synthesis.errors import SpeechError
from synthesis.limits.policy import LimitPolicy
from synthesis.pipeline.request import SpeechRequest, build_request
from synthesis.pipeline.wav_collector import collect_wav
from terminal.recordings import Recordings, is_first_synthesis, load_request, store_request
from themes import identity
from themes.services import saw_visitor
from themes.snapshot_cache import snapshot_cache

SPEEDS = ("0.5", "0.75", "1.0", "1.25", "1.5", "1.75", "2.0", "2.5", "3.0")
WAV = "audio/wav"

_recordings = Recordings()


@dataclass(frozen=True, slots=True)
class SpeechForm:
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
        return await _page(http, SpeechForm())
    speech_form = SpeechForm()
    try:
        caller = await _request_context(http)
        speech_form = _parse_form(http, caller.policy)
        request = await _request(speech_form, caller.policy)
        await caller.charge(request)
        await caller.check(request)
        token = await store_request(request)
    except SpeechError as error:
        return await _page(http, speech_form, error=error)
    return await _page(http, speech_form, audio=reverse("recording", args=[token]))


@csrf_exempt  # As above.
@same_site_only
@require_POST
async def download_wav(http: HttpRequest) -> HttpResponseBase:
    """A text as a WAV file to keep."""
    try:
        caller = await _request_context(http)
        request = await _request(_parse_form(http, caller.policy), caller.policy)
        await caller.charge(request)
        await caller.check(request)
        name = secrets.token_urlsafe(16)
        wav = await caller.wav(request)
        _recordings.keep(name, wav, caller.subject.key)
    except SpeechError as error:
        return _text_error(error)
    response = range_response(len(wav), partial(_recordings.parts, name), WAV, None)
    response["Content-Disposition"] = 'attachment; filename="alphanumeric.wav"'
    return response


@require_GET
async def recording(http: HttpRequest, token: str) -> HttpResponseBase:
    """What the form's text sounds like."""
    speech_form = await load_request(token)
    if speech_form is None:
        raise Http404("That recording is no longer kept. Send the text again.")
    try:
        caller = await _request_context(http)
        request = build_request(await runtime.get_runtime().catalog.read(), **speech_form, policy=caller.policy)
        if not _recordings.has(token):
            if not await is_first_synthesis(token):
                await caller.charge(request)
            # Again: what may be said can have changed.
            await caller.check(request)
        wav = await _recordings.get(token, lambda: caller.wav(request), caller.subject.key)
    except SpeechError as error:
        return _text_error(error)
    response = range_response(len(wav), partial(_recordings.parts, token), WAV, http.headers.get("Range"))
    response["Cache-Control"] = "private, max-age=600"
    return response


@cache_control(public=True, max_age=86400)
@require_GET
async def favicon(_http: HttpRequest) -> HttpResponseBase:
    """Where browsers look for it on pages that name none, as those of the admin."""
    return redirect(static("favicon.svg"))


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Who sent the form, and what they may."""

    subject: RateLimitSubject
    policy: LimitPolicy

    async def charge(self, request: SpeechRequest) -> None:
        """Count a text. Raises ``SpeechError`` where it is one too many."""
        await runtime.get_runtime().rate_limiter.charge_request(self.subject, self.policy, request.billable_characters)

    async def check(self, request: SpeechRequest) -> None:
        """Check what the text says. Raises ``SpeechError`` where it cannot be spoken."""
        await runtime.get_runtime().synthesizer.check(request, self.policy)

    async def wav(self, request: SpeechRequest) -> bytes:
        """Return the text as a file. Raises what ``Speech.synthesize`` raises, and ``limit_utterances``.

        The work holds its own place, so that it is counted until it ends, though the browser hangs up before.
        """
        here = runtime.get_runtime()
        owner_cache, bill = (
            here.owner_cache(self.subject, self.policy),
            here.rate_limiter.bill(self.subject, request.billable_characters),
        )
        spoken = here.synthesizer.synthesize(
            request, timeout_s=self.policy.timeout_s, owner_cache=owner_cache, bill=bill
        )
        async with here.rate_limiter.utterance_slot(self.subject, self.policy):
            return await collect_wav(spoken)


async def _request_context(http: HttpRequest) -> RequestContext:
    subject = subject_for(user_id_of(await http.auser()), http.META.get("REMOTE_ADDR"))
    return RequestContext(subject, await runtime.get_runtime().rate_limiter.policy(subject))


def _text_error(error: SpeechError) -> HttpResponse:
    return HttpResponse(
        error.message,
        content_type="text/plain; charset=utf-8",
        status=STATUS.get(error.code, 400),
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
    # A form sends line ends as CR LF, which would count twice.
    text = form.get("text", "").replace("\r\n", "\n")
    return SpeechForm(text, form.get("voice", ""), form.get("speaker", ""), form.get("speed", "1.0"))


async def _request(speech_form: SpeechForm, policy: LimitPolicy) -> SpeechRequest:
    try:
        speed = float(speech_form.speed)
    except ValueError:
        speed = float("nan")
    catalog = await runtime.get_runtime().catalog.read()
    return build_request(
        catalog,
        speech_form.text,
        voice=speech_form.voice or None,
        speaker=speech_form.speaker or None,
        speed=speed,
        policy=policy,
    )


async def _page(
    http: HttpRequest, speech_form: SpeechForm, *, audio: str | None = None, error: SpeechError | None = None
) -> HttpResponse:
    catalog = await runtime.get_runtime().catalog.read()
    who = await identity.afrom_request(http)
    shown = (await snapshot_cache.read(who)).on(who.device)
    if who.has_cookie and who.user is None:
        await saw_visitor(who)
    context: dict[str, Any] = {
        "color_scheme": shown.color_scheme,
        "theme_dark": shown.dark,
        "theme_light": shown.light,
        "theme_mode": shown.mode,
        "voices": [entry.to_dict() for entry in catalog.entries],
        "voice": speech_form.voice or (catalog.default.id if catalog.default else ""),
        "speed": speech_form.speed,
        "speeds": SPEEDS,
        "limits": {"text": (await _request_context(http)).policy.max_text_length},
        "text": "" if audio else speech_form.text,
        "spoken": speech_form.text if audio else "",
        "audio": audio,
        "error": {"code": error.code, "message": error.message} if error else None,
    }
    response = render(http, "terminal.html", context, status=STATUS.get(error.code, 400) if error else 200)
    for name, value in (error_headers(error) if error else {}).items():
        response[name] = value
    return response
