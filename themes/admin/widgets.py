"""Form fields for colors and fonts, which scripts of the admin bring to life and which work without them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from themes.errors import ThemeError
from themes.schema import check_color
from themes.tokens import FONTS, Token


class ColorInput(forms.TextInput):
    """A text field, with the browser's own color picker beside it where scripts run."""

    def __init__(self, token: Token) -> None:
        self.token = token
        facts = {"data-token": token.name, "data-variable": token.variable, "data-label": token.label}
        habits = {"class": "theme-color-text", "size": "8", "spellcheck": "false", "autocomplete": "off"}
        super().__init__({**habits, **facts})

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The picker first: it is what the eye looks for."""
        return format_html(
            '<span class="theme-color"><input type="color" aria-label="Pick a color: {}" hidden>{}</span>',
            f"{self.token.group}, {self.token.label}",
            super().render(name, value, attrs, renderer),
        )


class ColorField(forms.CharField):
    """A color in ``#rrggbb``."""

    def __init__(self, token: Token) -> None:
        self.token = token
        super().__init__(label=token.label.capitalize(), label_suffix="", widget=ColorInput(token))

    def clean(self, value: Any) -> str:
        """As the theme will have it. Raises ``ValidationError``."""
        try:
            return check_color(super().clean(value), self.token.label.capitalize())
        except ThemeError as error:
            raise ValidationError(error.message, code=error.code) from error


class FontSelect(forms.Select):
    """Tells scripts, beside each font's name, which fonts of the device that means."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Django's own option, and the stack."""
        option = super().create_option(*args, **kwargs)
        option["attrs"]["data-stack"] = FONTS.get(str(option["value"]), "")
        return option
