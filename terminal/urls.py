"""HTTP routes of the terminal."""

from django.urls import path

from terminal import views

urlpatterns = [
    path("", views.terminal, name="terminal"),
    path("favicon.ico", views.favicon),
    path("speech.wav", views.download_wav, name="download-wav"),
    path("ws/terminal/", views.without_websocket),
    path("spoken/<str:token>.wav", views.recording, name="recording"),
]
