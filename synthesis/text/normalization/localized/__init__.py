"""Languages other than English: one classifier and one verbalizer, driven by the tables in ``data`` and by ICU."""
