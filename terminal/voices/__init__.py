"""The page's voice chooser: its list, samples, favorites, and default voices by language."""
