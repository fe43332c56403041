"""The theme pages, the stylesheet, and the editor's JSON API."""
