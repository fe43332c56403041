"""Parsers of the syntaxes that few formats use: binary property lists, TOML, JavaScript, and lines of settings."""
