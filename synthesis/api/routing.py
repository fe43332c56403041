"""The websocket routes of the API."""

from django.urls import path

from synthesis.api.dialects.elevenlabs.socket import StreamInputConsumer
from synthesis.api.socket import SpeechStreamConsumer

websocket_urlpatterns = [
    path("v1/audio/speech/stream", SpeechStreamConsumer.as_asgi()),
    path("v1/text-to-speech/<str:voice_id>/stream-input", StreamInputConsumer.as_asgi()),
]
