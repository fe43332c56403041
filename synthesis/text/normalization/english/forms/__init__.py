"""English forms that can have several words: dates, amounts, telephone numbers, codes."""
