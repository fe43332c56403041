"""The application as the server sees it: HTTP to Django, the socket to the terminal."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

# Sets Django up, which the consumers' imports below need.
http = get_asgi_application()

from channels.sessions import CookieMiddleware
from django.conf import settings

from project.proxy import TrustedProxies
from terminal.handshakes import HandshakeLimit
from terminal.origin import SameOriginOnly
from terminal.requests import RequestLimit
from terminal.routing import websocket_urlpatterns

socket = HandshakeLimit(SameOriginOnly(CookieMiddleware(URLRouter(websocket_urlpatterns))))
requests = RequestLimit(http)
application = TrustedProxies(ProtocolTypeRouter({"http": requests, "websocket": socket}), settings.TRUSTED_PROXIES)
