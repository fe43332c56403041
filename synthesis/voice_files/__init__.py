"""The files of a voice on disk. Imports no Django."""
