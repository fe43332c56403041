"""The admin of presets."""

from themes.admin.preset_admin import PresetAdmin

__all__ = ["PresetAdmin"]
