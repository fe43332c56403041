"""Every address of the site."""

from django.contrib import admin
from django.urls import path

from project import public_urls

urlpatterns = [
    *public_urls.urlpatterns,
    path("admin/", admin.site.urls),
]
