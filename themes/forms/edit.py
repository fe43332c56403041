"""The form that edits a complete theme."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError

from themes.errors import ThemeError
from themes.forms.selection import FONT_NAMES, MAX_FIELD_LENGTH
from themes.schema import MAX_NAME_LENGTH, ThemeData, check_color, check_name, parse_theme
from themes.tokens import FONTS, LINE_HEIGHTS, SIZES, TOKENS, Token

T = TypeVar("T")

SCHEMES = (("dark", "dark"), ("light", "light"))


class ThemeEditForm(forms.Form):
    """Edits all parts of a theme. Each color has a picker and a text field, which no script synchronizes: the field
    that differs from ``original_colors``, the colors that the page was rendered with, counts; if both do, the text.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput)
    original_colors = forms.CharField(required=False, max_length=8 * len(TOKENS), widget=forms.HiddenInput)
    name = forms.CharField(
        label="Name", max_length=MAX_FIELD_LENGTH, widget=forms.TextInput(attrs={"maxlength": MAX_NAME_LENGTH})
    )
    scheme = forms.ChoiceField(label="Color scheme", choices=SCHEMES, widget=forms.RadioSelect)
    font = forms.ChoiceField(label="Font", choices=[(font, FONT_NAMES.get(font, font)) for font in FONTS])
    size = forms.IntegerField(label="Size in pixels", min_value=SIZES[0], max_value=SIZES[1])
    line_height = forms.FloatField(
        label="Line height",
        min_value=LINE_HEIGHTS[0],
        max_value=LINE_HEIGHTS[1],
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )

    def __init__(self, theme: ThemeData, revision: int, data: Any = None) -> None:
        typography = theme.typography
        initial = {
            "revision": revision,
            "original_colors": " ".join(theme.colors[token.name] for token in TOKENS),
            "name": theme.name,
            "scheme": theme.scheme,
            "font": typography.font,
            "size": typography.size,
            "line_height": typography.line_height,
            **theme.colors,
            **{picker_name(token): theme.colors[token.name] for token in TOKENS},
        }
        super().__init__(data, initial=initial, auto_id="theme-%s")
        for token in TOKENS:
            self.fields[token.name] = _typed(token)
            self.fields[picker_name(token)] = _picked(token)

    def color_fields(self) -> Iterator[tuple[Token, forms.BoundField, forms.BoundField]]:
        """Yield every token with its text field and its picker."""
        for token in TOKENS:
            yield token, self[token.name], self[picker_name(token)]

    def clean_name(self) -> str:
        """Return the normalized name. Raises ``ValidationError``."""
        return _checked(check_name, self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        """Choose between text field and picker for every token, and validate the color."""
        original_colors = dict(
            zip((token.name for token in TOKENS), self.cleaned_data.get("original_colors", "").split(), strict=False)
        )
        for token in TOKENS:
            typed = self.cleaned_data.get(token.name, "")
            picked = self.cleaned_data.get(picker_name(token), "")
            value = picked if picked and typed == original_colors.get(token.name) else typed
            try:
                self.cleaned_data[token.name] = _checked(lambda value: check_color(value, "The color"), value)
            except ValidationError as error:
                self.add_error(token.name, error)
        return self.cleaned_data

    def to_theme(self) -> ThemeData:
        """Return the theme of a valid form."""
        filled = self.cleaned_data
        typography = {"font": filled["font"], "size": filled["size"], "lineHeight": filled["line_height"]}
        return parse_theme(
            {
                "name": filled["name"],
                "scheme": filled["scheme"],
                "colors": {token.name: filled[token.name] for token in TOKENS},
                "typography": typography,
            }
        )


def picker_name(token: Token) -> str:
    """Return the name of a token's picker field."""
    return f"{token.name}-picker"


def _typed(token: Token) -> forms.Field:
    attributes = {"maxlength": 7, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(
        label=f"{token.group}: {token.label}",
        required=False,
        max_length=MAX_FIELD_LENGTH,
        widget=forms.TextInput(attrs=attributes),
    )


def _picked(token: Token) -> forms.Field:
    label = f"{token.group}: {token.label}, color picker"
    return forms.CharField(
        required=False, max_length=MAX_FIELD_LENGTH, widget=forms.ColorInput(attrs={"aria-label": label})
    )


def _checked(check: Callable[[object], T], value: object) -> T:
    try:
        return check(value)
    except ThemeError as error:
        raise ValidationError(error.message, code=error.code) from None
