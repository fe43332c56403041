"""Scores how texts are read: cases by language and class, and the shares that must not fall."""
