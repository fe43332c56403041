"""HTTP routes of the API's descriptions."""

from django.urls import path

from project.api_reference import views

urlpatterns = [
    path("", views.reference, name="api-reference"),
    path("openapi.json", views.openapi, name="openapi"),
    path("asyncapi.json", views.sockets, name="asyncapi"),
]
