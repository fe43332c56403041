"""All routes except the admin's."""

from django.urls import include, path

from project.security.csp_reports import csp_report
from synthesis.api.urls import not_found_urlpatterns

urlpatterns = [
    path("csp-report", csp_report),
    path("", include("terminal.urls")),
    path("", include("synthesis.api.urls")),
    path("accounts/pronunciation/", include("pronunciation.urls")),
    path("", include("documents.urls")),
    path("", include("feedback.urls")),
    path("accounts/", include("accounts.urls")),
    path("", include("themes.urls")),
    path("help/api/", include("project.api_reference.urls")),
    path("", include("manual.urls")),
    *not_found_urlpatterns,
]
