"""The page's addresses."""

from django.urls import path

from terminal import views

urlpatterns = [
    path("", views.terminal, name="terminal"),
    path("speech.wav", views.save, name="save"),
    path("spoken/<str:token>.wav", views.spoken, name="spoken"),
]
