"""Routes of the HTTP API and the health endpoints."""

from django.urls import path

from synthesis.api import health, listings, views
from synthesis.api.dialects import elevenlabs
from synthesis.api.dialects.urls import urlpatterns as dialect_urlpatterns

urlpatterns = [
    path("v1/audio/speech", views.speech),
    path("v1/audio/speech/explain", views.explain),
    path("v1/audio/voices", listings.voices),
    path("v1/audio/models", listings.audio_models),
    path("v1/models", elevenlabs.listings.models_or(listings.models)),
    path("v1/models/<str:name>", listings.model),
    *dialect_urlpatterns,
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
not_found_urlpatterns = [path("v1", views.not_found), path("v1/<path:rest>", views.not_found)]
"""Must come after the routes of all packages."""
