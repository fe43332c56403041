"""HTTP routes of the terminal."""

from django.urls import path

from terminal import reading, views
from terminal.offline import views as offline
from terminal.page_metrics import page_metrics
from terminal.say import api, pages
from terminal.voices import views as voices

urlpatterns = [
    path("", views.terminal, name="terminal"),
    path("favicon.ico", views.favicon),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
    path("offline/<slug:release>", offline.offline_page, name="offline-page"),
    path("page-metrics", page_metrics),
    path("service-worker.js", offline.service_worker),
    path("share", views.share, name="share"),
    path("speech.wav", views.download_wav, name="download-wav"),
    path("ws/terminal/", views.without_websocket),
    path("accounts/sent-texts/", pages.sent_texts, name="sent-texts"),
    path("v1/terminal/say", api.say),
    path("v1/terminal/say/<str:entry>", api.one_text),
    path("v1/terminal/queue", api.queue),
    path("voices/list.json", voices.listing, name="voice-list"),
    path("voices/choose", voices.choose, name="voice-choose"),
    path("voices/sample", voices.sample, name="voice-sample"),
    path("reading/explain", reading.explain, name="explain"),
    path("spoken/<str:token>.wav", views.recording, name="recording"),
]
