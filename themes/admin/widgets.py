"""Form fields for colors and fonts. They work without JavaScript; the admin's scripts enhance them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from themes.errors import ThemeError
from themes.schema import check_color
from themes.tokens import FONTS, Token


class ColorInput(forms.TextInput):
    """Renders a text field and, with JavaScript, the browser's color picker."""

    def __init__(self, token: Token) -> None:
        self.token = token
        facts = {"data-token": token.name, "data-variable": token.variable, "data-label": token.label}
        habits = {"class": "theme-color-text", "size": "8", "spellcheck": "false", "autocomplete": "off"}
        super().__init__({**habits, **facts})

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the HTML of the color picker, hidden until the script shows it, and the text field."""
        return format_html(
            '<span class="theme-color"><input type="color" aria-label="Pick a color: {}" hidden>{}</span>',
            f"{self.token.group}, {self.token.label}",
            super().render(name, value, attrs, renderer),
        )


class ColorField(forms.CharField):
    """Validates a color in ``#rrggbb``."""

    def __init__(self, token: Token) -> None:
        self.token = token
        super().__init__(label=token.label.capitalize(), label_suffix="", widget=ColorInput(token))

    def clean(self, value: Any) -> str:
        """Return the color as themes store it. Raises ``ValidationError``."""
        try:
            return check_color(super().clean(value), self.token.label.capitalize())
        except ThemeError as error:
            raise ValidationError(error.message, code=error.code) from error


class FontSelect(forms.Select):
    """Adds each font's CSS stack as ``data-stack``, which the preview's script reads."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return Django's option with ``data-stack``."""
        option = super().create_option(*args, **kwargs)
        option["attrs"]["data-stack"] = FONTS.get(str(option["value"]), "")
        return option
