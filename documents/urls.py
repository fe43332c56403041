"""URLs of documents."""

from django.urls import path

from documents import views
from documents.fetching.views import fetch

urlpatterns = [
    path("documents/extract", views.extract, name="document-extract"),
    path("documents/fetch", fetch, name="document-fetch"),
    path("documents/position", views.position, name="document-position"),
    path("accounts/documents/", views.Positions.as_view(), name="document-positions"),
]
