"""The form in which an operator edits a preset: every color, the typography, and a file import."""

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
from themes.formats import FORMATS, read, scheme_names
from themes.formats.values.names import clean_name
from themes.forms.selection import FONT_NAMES, decode_content, encode_content
from themes.models import Preset
from themes.schema import MAX_THEME_BYTES, ThemeData, check_color, parse_theme
from themes.tokens import FONTS, LINE_HEIGHTS, SIZES, TEXT, TOKENS

COLOR_FIELD_PREFIX = "color_"
"""Prefix of a color field's name; a token's name follows it."""
_TYPOGRAPHY = {"font": "font", "size": "size", "lineHeight": "line_height"}


class PresetForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Edits a preset. Importing a file and fixing the contrast fill in the fields, and save nothing."""

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
        label="Import a file",
        help_text=f"{', '.join(made.label for made in FORMATS.values())}; at most {MAX_THEME_BYTES // 1024} KB.",
    )

    class Meta:
        model = Preset
        fields = ("id", "name", "scheme", "order", "published", "default", "license", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notice = ""
        """Message about fields that were filled in instead of saved; empty otherwise."""
        self.unread: ThemeError | None = None
        self.scheme_names: tuple[str, ...] = ()
        """The schemes of a file with several, which is in ``content``."""
        self.content = ""
        if self.instance.colors:
            self.initial = {**field_values(self.instance.colors, self.instance.typography), **self.initial}
        if self.is_bound and ("file" in self.files or "_import" in self.data):
            self._take_file()
        elif self.is_bound and "_fix" in self.data:
            self._fix()

    def full_clean(self) -> None:
        """Validate the fields, unless they were just filled in; then report only a file that could not be read."""
        if not self.notice and not self.unread:
            super().full_clean()
            return
        self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}
        if self.unread:
            line = self.unread.details.get("line")
            self.add_error("file", f"Line {line}: {self.unread.message}" if line else self.unread.message)

    def is_valid(self) -> bool:
        """Return whether the preset can be saved."""
        return super().is_valid() and not self.notice

    def clean_id(self) -> str:
        """Return the id. Raises ``ValidationError`` for a UUID, which would be ambiguous with a user's own theme."""
        name: str = self.cleaned_data["id"]
        try:
            UUID(name)
        except ValueError:
            return name
        raise forms.ValidationError(
            "A UUID is not allowed: users' own themes have UUIDs. Choose an id such as ocean-dark."
        )

    def clean(self) -> dict[str, Any]:
        """Check the whole theme, and that each scheme keeps one published default."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_default(cleaned)
        if not self.errors:
            self._keep(cleaned)
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # services.save_preset satisfies the one-default constraint: it clears the previous default first.
        return super()._get_validation_exclusions() | {"default"}  # type: ignore[misc, no-any-return]  # not in the stubs

    def colors(self) -> dict[str, str]:
        """Return the colors in the fields, with black for invalid values."""
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
            message = f"This is the {scheme} default. Make another {scheme} preset the default instead."
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
        kept = self.data.get("_content", "")
        if file is None and not kept:
            self.unread = ThemeError("field_missing", "Choose a file first.")
            return
        # One byte more than the limit suffices to detect that the file is too large.
        data = file.read(MAX_THEME_BYTES + 1) if file else decode_content(kept)
        name = PurePath(file.name or "").stem if file else None
        try:
            names = scheme_names(data)
            if len(names) > 1 and self.data.get("_scheme") not in names:
                self.scheme_names, self.content = names, encode_content(data)
                self.notice = f"The file has {len(names)} color schemes. Choose one, and import again."
                return
            found = read(data, name=name, typed=clean_name(self.data.get("name")), scheme=self.data.get("_scheme"))
        except ThemeError as error:
            self.unread = error
            return
        self._fill(self._fields_from(found.theme))
        label = FORMATS[found.format].label
        self.notice = f"The fields were filled in from the {label} file. Nothing is saved yet. {found.summary}".rstrip()

    def _fields_from(self, theme: ThemeData) -> dict[str, Any]:
        """Return the fields of a theme. A name that the operator has typed stays; otherwise the file's name is used."""
        name = self.data.get("name") or theme.name
        fields = {"name": name, "scheme": theme.scheme, **field_values(theme.colors, theme.typography.to_dict())}
        if "id" in self.fields and not self.data.get("id"):
            fields["id"] = slugify(name if name.lower().endswith(theme.scheme) else f"{name} {theme.scheme}")
        return fields

    def _fix(self) -> None:
        colors = {token.name: self._color(token.name) for token in TOKENS}
        sound = {name: color for name, color in colors.items() if color}
        # If a field has no valid color, the usual errors are shown.
        if len(sound) == len(colors):
            wish = self.data.get("_minimum")
            minimum = next((minimum for minimum in MINIMA if f"{minimum:g}" == wish), TEXT)
            self._fill(field_values(fix_contrast(sound, minimum), {}))
            self.notice = (
                f"Fixed {len(failing_pairs(sound, minimum))} color pairs with low contrast. Nothing is saved yet."
            )

    def _fill(self, fields: Mapping[str, Any]) -> None:
        data: Any = self.data
        filled = data.copy()
        for name, value in fields.items():
            filled[name] = value
        self.data = filled


# Outside the class body, because the fields are generated from the tokens.
PresetForm.declared_fields.update({COLOR_FIELD_PREFIX + token.name: ColorField(token) for token in TOKENS})
PresetForm.base_fields.update(PresetForm.declared_fields)


def field_values(colors: Mapping[str, str], typography: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form's field values for a theme."""
    fields: dict[str, Any] = {COLOR_FIELD_PREFIX + name: color for name, color in colors.items()}
    return fields | {_TYPOGRAPHY[key]: value for key, value in typography.items()}


def _field(place: str | None) -> str | None:
    """Return the form field of an error's ``param``, ``None`` for the whole form."""
    return place if place in ("name", "scheme") else None
