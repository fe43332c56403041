"""The rules of all forms, in their order: the first that applies wins."""

import re
from functools import lru_cache

from synthesis.text.normalization.english.forms import amounts, calendar, codes
from synthesis.text.normalization.english.forms.context import Context, Said

# Codes first: they are made of numbers that the other rules would take apart.
FORMS = (*codes.FORMS, *calendar.FORMS, *amounts.FORMS, *codes.NAMES)


_WORD_END = re.compile(r"[\"')\]}*~.,;:!?—-]*(?:\s|$)")
"""What may follow a form: symbols around words, then a space."""


@lru_cache(maxsize=4096)
def find_form(text: str, context: Context) -> Said | None:
    """Return the form at the beginning of ``text``, a window; ``None`` if no rule applies."""
    for form in FORMS:
        match = form.pattern.match(text)
        if match and _WORD_END.match(text, match.end()) and (spoken := form.say(match, context)):
            return Said(form.semiotic_class, match.end(), " ".join(spoken.split()))
    return None
