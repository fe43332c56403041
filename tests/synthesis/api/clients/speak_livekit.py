"""Speaks with LiveKit's OpenAI plugin. Arguments: the base URL. Writes one line of JSON."""

import asyncio
import json
import sys
from typing import Any

from livekit.agents import APIConnectOptions, APIStatusError
from livekit.plugins.openai import TTS

TEXT = "Hello, alice. This is spoken while it is synthesized."
ONCE = APIConnectOptions(max_retry=0)


async def speak(base_url: str, **options: Any) -> dict[str, Any]:
    """Return what the plugin makes of the response: the audio's duration, its rate, its frames and its peak."""
    async with TTS(base_url=base_url, api_key="not needed", **options) as service:
        frames = [event.frame async for event in service.synthesize(TEXT, conn_options=ONCE)]
    return {
        "seconds": sum(frame.duration for frame in frames),
        "rates": sorted({frame.sample_rate for frame in frames}),
        "frames": len(frames),
        "peak": max(max(frame.data) for frame in frames),
    }


async def error(base_url: str) -> dict[str, Any]:
    """Return the error of an unknown voice."""
    try:
        await speak(base_url, voice="joanna")
    except APIStatusError as refusal:
        return {"status": refusal.status_code, "body": refusal.body}
    raise AssertionError("the server accepted an unknown voice")


async def main() -> None:
    """Speak as events and as audio, in the plugin's default format and in PCM."""
    base_url = sys.argv[1]
    result = {
        "events": await speak(base_url),
        "mp3": await speak(base_url, model="tts-1", voice="joe"),
        "pcm": await speak(base_url, model="tts-1", response_format="pcm"),
        "error": await error(base_url),
    }
    print(json.dumps(result))  # noqa: T201 - the result


if __name__ == "__main__":
    asyncio.run(main())
