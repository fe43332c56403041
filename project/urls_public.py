"""All routes except the admin's."""

from django.urls import include, path

from project.security.csp_reports import csp_report

urlpatterns = [
    path("csp-report", csp_report),
    path("", include("terminal.urls")),
    path("", include("synthesis.api.urls")),
    path("accounts/", include("accounts.urls")),
    path("", include("themes.urls")),
]
