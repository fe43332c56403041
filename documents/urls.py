"""URLs of documents."""

from django.urls import path

from documents import views

urlpatterns = [
    path("documents/extract", views.extract, name="document-extract"),
    path("documents/position", views.position, name="document-position"),
    path("accounts/documents/", views.Positions.as_view(), name="document-positions"),
]
