"""Django configuration of the feedback."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """Ratings, and reports of wrong readings."""

    name = "feedback"
    default_auto_field = "django.db.models.BigAutoField"
