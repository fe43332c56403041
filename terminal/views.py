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

from synthesis import runtime
from synthesis.admission import Subject, account_of, subject_of
from synthesis.api import STATUS, refusal_fields
from synthesis.errors import SpeechError
from synthesis.limits import Policy
from synthesis.same_site import same_site_only
from synthesis.speech import Request, build_request
from synthesis.whole import whole_wav
from terminal.ranges import ranged
from terminal.spoken import Recordings, is_counted, recall, remember
from themes import identity
from themes.services import saw_visitor
from themes.snapshots import SNAPSHOTS

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
        asker = await _asker(http)
        wish = _wish(http, asker.policy)
        request = await _request(wish, asker.policy)
        await asker.count(request)
        await asker.check(request)
        token = await remember(request)
    except SpeechError as error:
        return await _page(http, wish, error=error)
    return await _page(http, wish, audio=reverse("spoken", args=[token]))


@csrf_exempt  # As above.
@same_site_only
@require_POST
async def save(http: HttpRequest) -> HttpResponseBase:
    """A text as a WAV file to keep."""
    try:
        asker = await _asker(http)
        request = await _request(_wish(http, asker.policy), asker.policy)
        await asker.count(request)
        await asker.check(request)
        name = secrets.token_urlsafe(16)
        wav = await asker.wav(request)
        _recordings.keep(name, wav, asker.subject.key)
    except SpeechError as error:
        return _in_words(error)
    response = ranged(len(wav), partial(_recordings.parts, name), WAV, None)
    response["Content-Disposition"] = 'attachment; filename="alphanumeric.wav"'
    return response


@require_GET
async def spoken(http: HttpRequest, token: str) -> HttpResponseBase:
    """What the form's text sounds like."""
    wish = await recall(token)
    if wish is None:
        raise Http404("That recording is no longer kept. Send the text again.")
    try:
        asker = await _asker(http)
        request = build_request(await runtime.current().catalogue.read(), **wish, policy=asker.policy)
        if not _recordings.has(token):
            if not await is_counted(token):
                await asker.count(request)
            # Again: what may be said can have changed.
            await asker.check(request)
        wav = await _recordings.get(token, lambda: asker.wav(request), asker.subject.key)
    except SpeechError as error:
        return _in_words(error)
    response = ranged(len(wav), partial(_recordings.parts, token), WAV, http.headers.get("Range"))
    response["Cache-Control"] = "private, max-age=600"
    return response


@cache_control(public=True, max_age=86400)
@require_GET
async def favicon(_http: HttpRequest) -> HttpResponseBase:
    """Where browsers look for it on pages that name none, as those of the admin."""
    return redirect(static("favicon.svg"))


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who sent the form, and what they may."""

    subject: Subject
    policy: Policy

    async def count(self, request: Request) -> None:
        """Count a text. Raises ``SpeechError`` where it is one too many."""
        await runtime.current().admission.request(self.subject, self.policy, request.characters)

    async def check(self, request: Request) -> None:
        """Check what the text says. Raises ``SpeechError`` where it cannot be spoken."""
        await runtime.current().speech.check(request, self.policy)

    async def wav(self, request: Request) -> bytes:
        """Return the text as a file. Raises what ``Speech.speak`` raises, and ``limit_utterances``.

        The work holds its own place, so that it is counted until it ends, though the browser hangs up before.
        """
        here = runtime.current()
        shelf, bill = here.shelf(self.subject, self.policy), here.admission.bill(self.subject, request.characters)
        spoken = here.speech.speak(request, timeout_s=self.policy.timeout_s, shelf=shelf, bill=bill)
        async with here.admission.utterance(self.subject, self.policy):
            return await whole_wav(spoken)


async def _asker(http: HttpRequest) -> _Asker:
    subject = subject_of(account_of(await http.auser()), http.META.get("REMOTE_ADDR"))
    return _Asker(subject, await runtime.current().admission.policy(subject))


def _in_words(error: SpeechError) -> HttpResponse:
    return HttpResponse(
        error.message,
        content_type="text/plain; charset=utf-8",
        status=STATUS.get(error.code, 400),
        headers=refusal_fields(error),
    )


def _wish(http: HttpRequest, policy: Policy) -> _Wish:
    try:
        form = http.POST
    except RequestDataTooBig:
        raise SpeechError(
            "text_too_long", f"A text may have {policy.text} characters.", param="text", limit=policy.text
        ) from None
    # A form sends line ends as CR LF, which would count twice.
    text = form.get("text", "").replace("\r\n", "\n")
    return _Wish(text, form.get("voice", ""), form.get("speaker", ""), form.get("speed", "1.0"))


async def _request(wish: _Wish, policy: Policy) -> Request:
    try:
        speed = float(wish.speed)
    except ValueError:
        speed = float("nan")
    catalogue = await runtime.current().catalogue.read()
    return build_request(
        catalogue, wish.text, voice=wish.voice or None, speaker=wish.speaker or None, speed=speed, policy=policy
    )


async def _page(
    http: HttpRequest, wish: _Wish, *, audio: str | None = None, error: SpeechError | None = None
) -> HttpResponse:
    catalogue = await runtime.current().catalogue.read()
    who = await identity.aof(http)
    shown = (await SNAPSHOTS.read(who)).on(who.device)
    if who.kept and who.user is None:
        await saw_visitor(who)
    context: dict[str, Any] = {
        "colour_scheme": shown.colour_scheme,
        "theme_dark": shown.dark,
        "theme_light": shown.light,
        "theme_mode": shown.mode,
        "voices": [entry.public() for entry in catalogue.entries],
        "voice": wish.voice or (catalogue.default.id if catalogue.default else ""),
        "speed": wish.speed,
        "speeds": SPEEDS,
        "limits": {"text": (await _asker(http)).policy.text},
        "text": "" if audio else wish.text,
        "spoken": wish.text if audio else "",
        "audio": audio,
        "error": {"code": error.code, "message": error.message} if error else None,
    }
    response = render(http, "terminal.html", context, status=STATUS.get(error.code, 400) if error else 200)
    for name, value in (refusal_fields(error) if error else {}).items():
        response[name] = value
    return response
