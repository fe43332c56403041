"""File formats of voices on disk. Imports no Django."""
