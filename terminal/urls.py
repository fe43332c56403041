"""The page's addresses."""

from django.urls import path

from synthesis.same_site import same_site_only
from terminal import views
from terminal.helped import so_often
from themes import tools
from themes.views import theme_css

urlpatterns = [
    path("", views.terminal, name="terminal"),
    path("theme.css", theme_css, name="theme-css"),
    # What the editor asks for; nothing of it is kept, so that it works without cookies too.
    path("themes/tokens.json", tools.tokens, name="theme-tokens"),
    path("themes/read", same_site_only(so_often(tools.read)), name="theme-read"),
    path("themes/write", same_site_only(so_often(tools.write)), name="theme-write"),
    path("themes/fix", same_site_only(so_often(tools.fix)), name="theme-fix"),
    path("speech.wav", views.save, name="save"),
    path("spoken/<str:token>.wav", views.spoken, name="spoken"),
]
