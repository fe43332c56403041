"""Django configuration of the monitoring app."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Configures the metrics, their rollups and the status page."""

    name = "monitoring"
    default_auto_field = "django.db.models.BigAutoField"
