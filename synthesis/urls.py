"""The addresses of speech over HTTP."""

from django.urls import path

from synthesis import api, health

urlpatterns = [
    path("v1/audio/speech", api.speech),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
