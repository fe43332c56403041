"""Presets in the admin."""

from themes.admin.preset_admin import PresetAdmin

__all__ = ["PresetAdmin"]
