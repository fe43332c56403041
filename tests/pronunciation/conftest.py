"""Fixtures: the accounts of alice and bob."""

from tests.accounts.conftest import _one_window, _presets, _quick_passwords, alice, bob  # noqa: F401 - fixtures
