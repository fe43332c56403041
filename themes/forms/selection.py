"""The forms of the pages without scripts. What a theme may be is said by ``themes.schema`` alone."""

from collections.abc import Sequence
from typing import Any

from django import forms

from themes.appearance import Appearance, ThemeView
from themes.color.contrast import MINIMA
from themes.models import Mode

MODES = ((Mode.SYSTEM.value, "as the system prefers"), (Mode.DARK.value, "dark"), (Mode.LIGHT.value, "light"))
FONT_NAMES = {
    "system": "the system's own",
    "cascadia": "Cascadia Code",
    "courier": "Courier",
    "hack": "Hack",
    "hyperlegible": "Atkinson Hyperlegible",
    "jetbrains": "JetBrains Mono",
    "dyslexic": "OpenDyslexic",
    "sans": "sans serif",
    "serif": "serif",
}
"""What the fonts of ``tokens.FONTS`` are called for people."""
MINIMUM_LABELS = ("off", "4.5 to 1 (WCAG AA)", "7 to 1 (WCAG AAA)")
MAX_FIELD_LENGTH = 200
"""Characters of a field that are looked at; the validation says what is too long for what."""


class ThemeSelectionForm(forms.Form):
    """What is shown; it takes the appearance that it begins with, and what there is to choose from."""

    mode = forms.ChoiceField(label="Dark or light", choices=MODES, widget=forms.RadioSelect)
    dark = forms.ChoiceField(label="Dark theme", required=False, widget=forms.RadioSelect)
    light = forms.ChoiceField(label="Light theme", required=False, widget=forms.RadioSelect)
    minimum_contrast = forms.TypedChoiceField(
        label="Least contrast",
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
        """What was chosen anew: the rest stays as it is, for it may belong to all devices and not to this one."""
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", self.before[name])}


class NewThemeForm(forms.Form):
    """A theme of one's own, begun as a copy."""

    source = forms.CharField(max_length=MAX_FIELD_LENGTH)
    name = forms.CharField(
        label="Its name", required=False, max_length=MAX_FIELD_LENGTH, help_text="Empty: the name of the copied."
    )
    show = forms.BooleanField(label="Make it your dark or light theme at once", required=False, initial=True)

    def __init__(self, data: Any = None, source: str = "") -> None:
        super().__init__(data, initial={"source": source}, auto_id="new-%s")


class ImportForm(forms.Form):
    """A theme from a file."""

    file = forms.FileField(label="A file", allow_empty_file=True, error_messages={"required": "Choose a file first."})
    name = forms.CharField(
        label="Its name", required=False, max_length=MAX_FIELD_LENGTH, help_text="Empty: the one in the file."
    )
    show = forms.BooleanField(label="Make it your dark or light theme at once", required=False, initial=True)

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, auto_id="import-%s")


class JsonForm(forms.Form):
    """A whole theme as text; ``revision`` is what the text was made from."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="The theme as JSON",
        strip=False,
        widget=forms.Textarea(attrs={"spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}),
        error_messages={"required": "There is no text. Nothing was changed."},
    )

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="json-%s")
