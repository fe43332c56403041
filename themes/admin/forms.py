"""The form in which an operator edits a preset: every color, the typography, and a file to take them from."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django import forms
from django.forms.utils import ErrorDict
from django.utils.text import slugify

from themes.admin.widgets import ColorField, FontSelect
from themes.color.contrast import MINIMA, failing_pairs, fix_contrast
from themes.errors import ThemeError
from themes.formats import FORMATS, read
from themes.forms.selection import FONT_NAMES
from themes.models import Preset
from themes.schema import MAX_NAME_LENGTH, MAX_THEME_BYTES, ThemeData, check_color, parse_theme
from themes.tokens import FONTS, LINE_HEIGHTS, SIZES, TEXT, TOKENS

COLOR_FIELD_PREFIX = "color_"
"""Before a token's name in the name of its field."""
_TYPOGRAPHY = {"font": "font", "size": "size", "lineHeight": "line_height"}


class PresetForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Saves whole themes only. Asked to read a file or to fix the contrast, it fills its fields and saves nothing."""

    font = forms.ChoiceField(
        choices=[(name, FONT_NAMES.get(name, name)) for name in FONTS], widget=FontSelect, label_suffix=""
    )
    size = forms.IntegerField(min_value=SIZES[0], max_value=SIZES[1], label="Size in pixels", label_suffix="")
    line_height = forms.FloatField(
        min_value=LINE_HEIGHTS[0],
        max_value=LINE_HEIGHTS[1],
        widget=forms.NumberInput({"step": "0.1"}),
        label_suffix="",
    )
    file = forms.FileField(
        required=False,
        label="Take everything from a file",
        help_text=f"{', '.join(made.label for made in FORMATS.values())}; at most {MAX_THEME_BYTES // 1024} KB.",
    )

    class Meta:
        model = Preset
        fields = ("id", "name", "scheme", "order", "published", "default", "license", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notice = ""
        """What was filled in instead of being saved."""
        self.unread: ThemeError | None = None
        if self.instance.colors:
            self.initial = {**field_values(self.instance.colors, self.instance.typography), **self.initial}
        if self.is_bound and ("file" in self.files or "_import" in self.data):
            self._take_file()
        elif self.is_bound and "_fix" in self.data:
            self._fix()

    def full_clean(self) -> None:
        """Nothing is found fault with while the fields are only being filled, but a file that could not be read."""
        if not self.notice and not self.unread:
            super().full_clean()
            return
        self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}
        if self.unread:
            line = self.unread.details.get("line")
            self.add_error("file", f"Line {line}: {self.unread.message}" if line else self.unread.message)

    def is_valid(self) -> bool:
        """Whether it can be saved."""
        return super().is_valid() and not self.notice

    def clean_id(self) -> str:
        """A preset's name and the id of a person's own theme must never be taken for each other."""
        name: str = self.cleaned_data["id"]
        try:
            UUID(name)
        except ValueError:
            return name
        raise forms.ValidationError("Themes of people have such ids. Choose a word or two, such as ocean-dark.")

    def clean(self) -> dict[str, Any]:
        """Say what the database would refuse, and what would leave a scheme without a default."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_default(cleaned)
        if not self.errors:
            self._keep(cleaned)
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # The constraint of one default a scheme is left to services.save_preset, which makes room for it.
        return super()._get_validation_exclusions() | {"default"}  # type: ignore[misc, no-any-return]  # not in the stubs

    def colors(self) -> dict[str, str]:
        """What the fields show, black where that is no color."""
        return {token.name: self._color(token.name) or "#000000" for token in TOKENS}

    def _color(self, name: str) -> str | None:
        try:
            return check_color(self[COLOR_FIELD_PREFIX + name].value(), name)
        except ThemeError:
            return None

    def _check_default(self, cleaned: Mapping[str, Any]) -> None:
        if cleaned.get("default") and not cleaned.get("published"):
            self.add_error("published", "The default must be published.")
        scheme = self.instance.scheme
        if self.instance.default and not (cleaned.get("default") and cleaned.get("scheme") == scheme):
            message = f"This is the {scheme} default. Make another {scheme} preset the default, which takes its place."
            self.add_error("default", message)

    def _keep(self, cleaned: Mapping[str, Any]) -> None:
        theme = {
            "name": cleaned["name"],
            "scheme": cleaned["scheme"],
            "colors": {token.name: cleaned[COLOR_FIELD_PREFIX + token.name] for token in TOKENS},
            "typography": {key: cleaned[name] for key, name in _TYPOGRAPHY.items()},
        }
        try:
            checked = parse_theme(theme).to_dict()
        except ThemeError as error:
            self.add_error(_field(error.param), error.message)
        else:
            self.instance.colors, self.instance.typography = checked["colors"], checked["typography"]

    def _take_file(self) -> None:
        file = self.files.get("file")
        if file is None:
            self.unread = ThemeError("field_missing", "Choose a file first.")
            return
        try:
            # One byte more than is allowed is enough to be refused.
            found = read(file.read(MAX_THEME_BYTES + 1), name=PurePath(file.name or "").stem[:MAX_NAME_LENGTH])
        except ThemeError as error:
            self.unread = error
            return
        self._fill(self._fields_from(found.theme))
        self.notice = f"The fields hold what is in the {FORMATS[found.format].label} file. Nothing is saved yet."

    def _fields_from(self, theme: ThemeData) -> dict[str, Any]:
        """An operator's own name for the preset stays; one that has none yet is named after the file."""
        name = self.data.get("name") or theme.name
        fields = {"name": name, "scheme": theme.scheme, **field_values(theme.colors, theme.typography.to_dict())}
        if "id" in self.fields and not self.data.get("id"):
            fields["id"] = slugify(name if name.lower().endswith(theme.scheme) else f"{name} {theme.scheme}")
        return fields

    def _fix(self) -> None:
        colors = {token.name: self._color(token.name) for token in TOKENS}
        sound = {name: color for name, color in colors.items() if color}
        # Without a color in every field the usual errors are shown.
        if len(sound) == len(colors):
            wish = self.data.get("_minimum")
            minimum = next((minimum for minimum in MINIMA if f"{minimum:g}" == wish), TEXT)
            self._fill(field_values(fix_contrast(sound, minimum), {}))
            self.notice = (
                f"{len(failing_pairs(sound, minimum))} pairs were too faint; all read now. Nothing is saved yet."
            )

    def _fill(self, fields: Mapping[str, Any]) -> None:
        data: Any = self.data
        filled = data.copy()
        for name, value in fields.items():
            filled[name] = value
        self.data = filled


# Not in the class body, which would have to name each of them.
PresetForm.declared_fields.update({COLOR_FIELD_PREFIX + token.name: ColorField(token) for token in TOKENS})
PresetForm.base_fields.update(PresetForm.declared_fields)


def field_values(colors: Mapping[str, str], typography: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the form's fields for a theme."""
    fields: dict[str, Any] = {COLOR_FIELD_PREFIX + name: color for name, color in colors.items()}
    return fields | {_TYPOGRAPHY[key]: value for key, value in typography.items()}


def _field(place: str | None) -> str | None:
    """The field that an error of ``themes.schema`` is about."""
    return place if place in ("name", "scheme") else None
