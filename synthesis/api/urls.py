"""Routes of the HTTP API and the health endpoints."""

from django.urls import path

from synthesis.api import health, views

urlpatterns = [
    path("v1/audio/speech", views.speech),
    path("v1/<path:rest>", views.not_found),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
