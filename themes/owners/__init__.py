"""The owner of themes: a signed-in account or a visitor with a device cookie."""
