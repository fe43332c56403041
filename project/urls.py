"""Every address of the site."""

from django.contrib import admin
from django.urls import path

from project import public_urls
from project.storage import handler500 as storage_or_fault

handler500 = storage_or_fault
urlpatterns = [
    *public_urls.urlpatterns,
    path("admin/", admin.site.urls),
]
