"""Routes of the dialects."""

from django.urls import path

from synthesis.api.dialects import coqui, elevenlabs, marytts, piper

urlpatterns = [
    path("v1/text-to-speech/<str:voice_id>", elevenlabs.speech.speech),
    path("v1/text-to-speech/<str:voice_id>/stream", elevenlabs.speech.stream),
    path("v1/text-to-speech/<str:voice_id>/with-timestamps", elevenlabs.speech.with_timestamps),
    path("v1/text-to-speech/<str:voice_id>/stream/with-timestamps", elevenlabs.speech.stream_with_timestamps),
    path("v1/voices", elevenlabs.listings.voices),
    path("v1/voices/<str:voice_id>", elevenlabs.listings.voice),
    path("v1/text-to-speech/<path:rest>", elevenlabs.speech.not_found),
    path("v1/voices/<path:rest>", elevenlabs.speech.not_found),
    path("v2/voices", elevenlabs.listings.voices_page),
    path("api/tts", coqui.speech),
    path("process", marytts.process),
    path("voices", marytts.voices),
    path("locales", marytts.locales),
    path("audioformats", marytts.audio_formats),
    path("version", marytts.version),
    path("synthesize", piper.speech),
    path("info", piper.info),
]
