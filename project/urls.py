"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("terminal.urls")),
    path("", include("synthesis.urls")),
    path("admin/", admin.site.urls),
]
