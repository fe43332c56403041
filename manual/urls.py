"""HTTP routes of the manual."""

from django.urls import path

from manual import views

urlpatterns = [
    path("help/", views.contents, name="manual"),
    path("help/<slug:name>/", views.chapter, name="manual-chapter"),
]
