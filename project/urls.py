"""All routes."""

from django.contrib import admin
from django.urls import path

from project import urls_public
from project.storage_errors import handler500 as storage_or_fault

handler500 = storage_or_fault
urlpatterns = [
    *urls_public.urlpatterns,
    path("admin/", admin.site.urls),
]
