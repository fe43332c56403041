"""The application as the server sees it: HTTP to Django, the socket to the terminal."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

# Sets Django up, which the consumers' imports below need.
http = get_asgi_application()

from terminal.origin import SameOriginOnly
from terminal.routing import websocket_urlpatterns

application = ProtocolTypeRouter({"http": http, "websocket": SameOriginOnly(URLRouter(websocket_urlpatterns))})
