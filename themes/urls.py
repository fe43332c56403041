"""Routes of themes: pages without JavaScript, the stylesheet, and the editor's JSON API."""

from django.urls import path

from core.web.same_site import same_site_only
from themes.views import api, stylesheet, theme_edit, theme_json, theme_list, token_api

urlpatterns = [
    path("theme.css", stylesheet.theme_css, name="theme-css"),
    # Called by the editor. They store nothing, so they work without cookies.
    path("themes/tokens.json", api.token_list, name="theme-tokens"),
    path("themes/read", same_site_only(api.import_file), name="theme-read"),
    path("themes/write", same_site_only(api.export_file), name="theme-write"),
    path("themes/fix", same_site_only(api.fix_contrast_of_theme), name="theme-fix"),
    path("v1/theme", token_api.theme),
    path("v1/themes", token_api.themes),
    path("v1/themes/<slug:reference>", token_api.one_theme),
    path("themes/", theme_list.theme_list, name="themes"),
    path("themes/new", theme_list.create_theme, name="theme-new"),
    path("themes/import", theme_list.import_theme, name="theme-import"),
    path("themes/export", theme_list.export_chosen, name="theme-export-chosen"),
    path("themes/<uuid:theme_id>/", theme_edit.edit_theme, name="theme"),
    path("themes/<uuid:theme_id>/json", theme_json.edit_json, name="theme-json"),
    path("themes/<uuid:theme_id>/delete", theme_edit.delete_theme, name="theme-delete"),
    path("themes/<uuid:theme_id>/restore", theme_edit.restore_theme, name="theme-restore"),
    path("themes/<slug:reference>/export", theme_list.export_theme, name="theme-export"),
]
