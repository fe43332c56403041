"""The sockets' addresses."""

from channels.security.websocket import WebsocketDenier
from django.urls import path, re_path

from terminal.socket.consumer import TerminalConsumer

websocket_urlpatterns = [
    path("ws/terminal/", TerminalConsumer.as_asgi()),
    # Without it, a handshake at any other address would be an accident of ours: 500, and a traceback in the log.
    re_path("", WebsocketDenier.as_asgi()),
]
