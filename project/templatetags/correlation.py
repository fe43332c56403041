"""The reference in error pages, with which operators find the log lines of the request."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.logs import correlation

register = template.Library()


@register.simple_tag
def reference() -> str | SafeString:
    """Return a paragraph with the correlation id of the request; empty where it has none."""
    correlation_id = correlation.current()
    return format_html("<p>Reference {}</p>", correlation_id) if correlation_id else ""
