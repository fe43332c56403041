"""HTTP routes of the feedback."""

from django.urls import path

from feedback import views

urlpatterns = [
    path("feedback/asked", views.asked),
    path("feedback/rate", views.rate),
    path("feedback/reading", views.report_reading),
]
