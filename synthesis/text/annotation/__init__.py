"""Annotated text: the form that SSML, inline pronunciations and pronunciation dictionaries are converted to."""
