"""The application as the server sees it: HTTP to Django, the socket to the terminal."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

# Sets Django up, which the consumers' imports below need.
http = get_asgi_application()

from channels.sessions import CookieMiddleware
from django.conf import settings

from project.server.handshake_limiter import HandshakeLimitMiddleware
from project.server.origin_validator import OriginValidator
from project.server.request_limiter import RequestLimitMiddleware
from project.server.trusted_proxies import TrustedProxyMiddleware
from terminal.routing import websocket_urlpatterns

socket = HandshakeLimitMiddleware(OriginValidator(CookieMiddleware(URLRouter(websocket_urlpatterns))))
requests = RequestLimitMiddleware(http)
application = TrustedProxyMiddleware(
    ProtocolTypeRouter({"http": requests, "websocket": socket}), settings.TRUSTED_PROXIES
)
