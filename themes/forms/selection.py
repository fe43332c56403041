"""Forms of the pages without JavaScript. Themes themselves are validated by ``themes.schema`` only."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from django import forms

from themes.appearance import Appearance, ThemeView
from themes.color.contrast import MINIMA
from themes.models import Mode
from themes.schema import MAX_THEME_BYTES

MODES = ((Mode.SYSTEM.value, "follow the system"), (Mode.DARK.value, "dark"), (Mode.LIGHT.value, "light"))
FONT_NAMES = {
    "system": "system default",
    "cascadia": "Cascadia Code",
    "courier": "Courier",
    "hack": "Hack",
    "hyperlegible": "Atkinson Hyperlegible",
    "jetbrains": "JetBrains Mono",
    "dyslexic": "OpenDyslexic",
    "sans": "sans serif",
    "serif": "serif",
}
"""Display names of the fonts of ``tokens.FONTS``."""
MINIMUM_LABELS = ("off", "4.5 to 1 (WCAG AA)", "7 to 1 (WCAG AAA)")
MAX_FIELD_LENGTH = 200
"""Characters that a form field accepts; ``themes.schema`` has the exact limits and their errors."""


class ThemeSelectionForm(forms.Form):
    """Selects mode, themes and minimum contrast, starting from the current appearance."""

    mode = forms.ChoiceField(label="Dark or light", choices=MODES, widget=forms.RadioSelect)
    dark = forms.ChoiceField(label="Dark theme", required=False, widget=forms.RadioSelect)
    light = forms.ChoiceField(label="Light theme", required=False, widget=forms.RadioSelect)
    minimum_contrast = forms.TypedChoiceField(
        label="Minimum contrast",
        coerce=float,
        choices=list(zip((f"{minimum:g}" for minimum in MINIMA), MINIMUM_LABELS, strict=True)),
        widget=forms.RadioSelect,
    )
    here = forms.BooleanField(label="On this device only", required=False)

    def __init__(self, shown: Appearance, themes: Sequence[ThemeView], data: Any = None) -> None:
        self.before = {
            "mode": shown.mode,
            "dark": shown.dark.id,
            "light": shown.light.id,
            "minimum_contrast": shown.minimum_contrast,
            "here": shown.here,
        }
        initial = {**self.before, "minimum_contrast": f"{shown.minimum_contrast:g}"}
        super().__init__(data, initial=initial, auto_id="choose-%s")
        for slot in ("dark", "light"):
            choices = [(theme.id, theme.theme.name) for theme in themes if theme.theme.scheme == slot]
            self.fields[slot].choices = choices  # type: ignore[attr-defined]  # a ChoiceField has them

    def changes(self) -> dict[str, Any]:
        """Return only the fields that changed: the others may be settings of all devices, not of this one."""
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", self.before[name])}


class NewThemeForm(forms.Form):
    """Creates an own theme as a copy."""

    source = forms.CharField(max_length=MAX_FIELD_LENGTH)
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=MAX_FIELD_LENGTH,
        help_text="Leave empty to use the name of the source.",
    )
    show = forms.BooleanField(label="Select it as your dark or light theme", required=False, initial=True)

    def __init__(self, data: Any = None, source: str = "") -> None:
        super().__init__(data, initial={"source": source}, auto_id="new-%s")


class ImportForm(forms.Form):
    """Imports a theme file. If it has several schemes, ``content`` has the file while the user chooses a ``scheme``."""

    file = forms.FileField(
        label="Theme file", allow_empty_file=True, error_messages={"required": "Choose a file first."}
    )
    name = forms.CharField(
        label="Name", required=False, max_length=MAX_FIELD_LENGTH, help_text="Leave empty to use the name in the file."
    )
    show = forms.BooleanField(label="Select it as your dark or light theme", required=False, initial=True)
    content = forms.CharField(required=False, widget=forms.HiddenInput)
    file_name = forms.CharField(required=False, max_length=MAX_FIELD_LENGTH, widget=forms.HiddenInput)
    scheme = forms.CharField(required=False, max_length=MAX_FIELD_LENGTH, strip=False)

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, auto_id="import-%s")
        self.fields["file"].required = not self["content"].value()

    def data_and_name(self) -> tuple[bytes, str]:
        """Return the file of a valid form and its name; a malformed ``content`` is an empty file."""
        filled = self.cleaned_data
        if filled["file"] is not None:
            return filled["file"].read(MAX_THEME_BYTES + 1), filled["file"].name or ""
        return decode_content(filled["content"]), filled["file_name"]


def encode_content(data: bytes) -> str:
    """Return a file as the text of a hidden field."""
    return base64.b64encode(data).decode()


def decode_content(text: str) -> bytes:
    """Return the file in a hidden field, empty if the text is malformed."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


class JsonForm(forms.Form):
    """Edits a complete theme as text; ``revision`` is the theme's revision when the text was rendered."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="The theme as JSON",
        strip=False,
        widget=forms.Textarea(attrs={"spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}),
        error_messages={"required": "The text is empty. Nothing was saved."},
    )

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="json-%s")
