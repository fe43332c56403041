"""Returns how the page's texts will be read: words with their class and spoken form, and phonemes."""

from typing import Any

from django.http import HttpRequest

from core.api.body import json_object
from synthesis.runtime import get_runtime
from terminal.page_api import page_api, text_field


@page_api("POST")
async def explain(request: HttpRequest) -> dict[str, Any]:
    """Return the same data as ``POST /v1/audio/speech/explain``, and the voice's language. Charged like a text."""
    fields = json_object(request)
    client = await get_runtime().gateway.open_for(request)
    speech = await client.build(text_field(fields, "text", needed=True), voice=text_field(fields, "voice") or None)
    await client.charge(speech)
    explanation = await client.explain(speech)
    return {**explanation.to_dict(), "language": speech.voice.language}
