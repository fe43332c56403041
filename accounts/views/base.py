"""What the pages of accounts have in common."""

from typing import Any

from django.conf import settings

from core.pages import PageMixin

ACCOUNT_URL = "accounts:account"


class AccountPageMixin(PageMixin):
    """The context of each of them."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the name of the room, and whether one can sign up."""
        return super().get_context_data(section="accounts", sign_up=settings.SIGN_UP_ENABLED, **kwargs)
