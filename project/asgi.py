"""The ASGI application: HTTP requests go to Django, websockets to the terminal."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

# Calls django.setup(), which must precede the imports below.
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
