"""The base mixin of the account pages."""

from typing import Any

from django.conf import settings

from core.web.pages import PageMixin

ACCOUNT_URL = "accounts:account"


class AccountPageMixin(PageMixin):
    """Adds the template context that all account pages need."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the current navigation section, and whether sign-up is open."""
        return super().get_context_data(section="accounts", sign_up=settings.SIGN_UP_ENABLED, **kwargs)
