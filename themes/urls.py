"""The addresses of the pages without scripts, under ``/themes/``."""

from django.urls import path

from themes import editing, pages, textual

urlpatterns = [
    path("", pages.themes, name="themes"),
    path("new", pages.new, name="theme-new"),
    path("import", pages.bring, name="theme-import"),
    path("export", pages.export_chosen, name="theme-export-chosen"),
    path("<uuid:theme_id>/", editing.theme, name="theme"),
    path("<uuid:theme_id>/json", textual.raw, name="theme-json"),
    path("<uuid:theme_id>/delete", editing.delete, name="theme-delete"),
    path("<uuid:theme_id>/restore", editing.restore, name="theme-restore"),
    path("<slug:reference>/export", pages.export, name="theme-export"),
]
