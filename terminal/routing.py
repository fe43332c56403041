"""Websocket routes."""

from channels.security.websocket import WebsocketDenier
from django.urls import path, re_path

from terminal.socket.consumer import TerminalConsumer

websocket_urlpatterns = [
    path("ws/terminal/", TerminalConsumer.as_asgi()),
    # Deny other paths with 403. Without this route, Channels answers 500 and logs a traceback.
    re_path("", WebsocketDenier.as_asgi()),
]
