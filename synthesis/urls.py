"""The addresses of speech over HTTP."""

from django.urls import path

from synthesis import api, health

urlpatterns = [
    path("v1/audio/speech", api.speech),
    path("v1/<path:rest>", api.nothing),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
