"""The form of a whole theme."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError

from themes.errors import ThemeError
from themes.forms import FONT_NAMES, LONG
from themes.tokens import FONTS, LINE_HEIGHTS, SIZES, TOKENS, Token
from themes.validation import NAME_LENGTH, Document, check_colour, check_name, document

T = TypeVar("T")

SCHEMES = (("dark", "dark"), ("light", "light"))


class EditForm(forms.Form):
    """Every part of a theme. A colour has a picker and a text, and no script keeps them the same: what differs from
    what the page was sent with (``was``) counts, and the text where both do."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    was = forms.CharField(required=False, max_length=8 * len(TOKENS), widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=LONG, widget=forms.TextInput(attrs={"maxlength": NAME_LENGTH}))
    scheme = forms.ChoiceField(label="Made for", choices=SCHEMES, widget=forms.RadioSelect)
    font = forms.ChoiceField(label="Font", choices=[(font, FONT_NAMES.get(font, font)) for font in FONTS])
    size = forms.IntegerField(label="Size in pixels", min_value=SIZES[0], max_value=SIZES[1])
    line_height = forms.FloatField(
        label="Line height",
        min_value=LINE_HEIGHTS[0],
        max_value=LINE_HEIGHTS[1],
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )

    def __init__(self, theme: Document, revision: int, data: Any = None) -> None:
        typography = theme.typography
        initial = {
            "revision": revision,
            "was": " ".join(theme.colours[token.name] for token in TOKENS),
            "name": theme.name,
            "scheme": theme.scheme,
            "font": typography.font,
            "size": typography.size,
            "line_height": typography.line_height,
            **theme.colours,
            **{picker(token): theme.colours[token.name] for token in TOKENS},
        }
        super().__init__(data, initial=initial, auto_id="theme-%s")
        for token in TOKENS:
            self.fields[token.name] = _typed(token)
            self.fields[picker(token)] = _picked(token)

    def colour_fields(self) -> Iterator[tuple[Token, forms.BoundField, forms.BoundField]]:
        """Every token with its text and its picker."""
        for token in TOKENS:
            yield token, self[token.name], self[picker(token)]

    def clean_name(self) -> str:
        """A name that can be shown."""
        return _checked(check_name, self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        """One colour for each token."""
        was = dict(zip((token.name for token in TOKENS), self.cleaned_data.get("was", "").split(), strict=False))
        for token in TOKENS:
            typed = self.cleaned_data.get(token.name, "")
            picked = self.cleaned_data.get(picker(token), "")
            value = picked if picked and typed == was.get(token.name) else typed
            try:
                self.cleaned_data[token.name] = _checked(lambda value: check_colour(value, "This"), value)
            except ValidationError as error:
                self.add_error(token.name, error)
        return self.cleaned_data

    def document(self) -> Document:
        """The theme as it was filled in; of a valid form."""
        filled = self.cleaned_data
        typography = {"font": filled["font"], "size": filled["size"], "lineHeight": filled["line_height"]}
        return document(
            {
                "name": filled["name"],
                "scheme": filled["scheme"],
                "colours": {token.name: filled[token.name] for token in TOKENS},
                "typography": typography,
            }
        )


def picker(token: Token) -> str:
    """The name of the field in which a colour is picked."""
    return f"{token.name}-picker"


def _typed(token: Token) -> forms.Field:
    attributes = {"maxlength": 7, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(
        label=f"{token.group}: {token.label}",
        required=False,
        max_length=LONG,
        widget=forms.TextInput(attrs=attributes),
    )


def _picked(token: Token) -> forms.Field:
    label = f"{token.group}: {token.label}, to pick"
    return forms.CharField(required=False, max_length=LONG, widget=forms.ColorInput(attrs={"aria-label": label}))


def _checked(check: Callable[[object], T], value: object) -> T:
    try:
        return check(value)
    except ThemeError as error:
        raise ValidationError(error.message, code=error.code) from None
