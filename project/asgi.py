"""The ASGI application: HTTP requests go to Django, websockets to the terminal."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

import django
from channels.routing import ProtocolTypeRouter, URLRouter

# Must precede the imports below.
django.setup(set_prefix=False)

from channels.sessions import CookieMiddleware
from django.conf import settings

from project.api_handler import ApiAwareHandler
from project.server.correlation import CorrelationMiddleware
from project.server.handshake_limiter import HandshakeLimitMiddleware
from project.server.origin_validator import OriginValidator
from project.server.path_prefix import PathPrefixMiddleware
from project.server.request_limiter import RequestLimitMiddleware
from project.server.trusted_proxies import TrustedProxyMiddleware
from synthesis.api.routing import websocket_urlpatterns as api_socket_urlpatterns
from terminal.routing import websocket_urlpatterns

socket = HandshakeLimitMiddleware(
    OriginValidator(CookieMiddleware(URLRouter([*api_socket_urlpatterns, *websocket_urlpatterns])))
)
requests = RequestLimitMiddleware(ApiAwareHandler())
application = TrustedProxyMiddleware(
    PathPrefixMiddleware(
        CorrelationMiddleware(ProtocolTypeRouter({"http": requests, "websocket": socket})), settings.URL_PREFIX
    ),
    settings.TRUSTED_PROXIES,
)
