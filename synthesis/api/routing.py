"""The websocket route of the API."""

from django.urls import path

from synthesis.api.socket import SpeechStreamConsumer

websocket_urlpatterns = [path("v1/audio/speech/stream", SpeechStreamConsumer.as_asgi())]
