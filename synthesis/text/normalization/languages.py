"""The languages of voices: their English names and their scripts."""

import re
from dataclasses import dataclass
from functools import lru_cache

# Whole Unicode blocks, as ranges of a character class: only letters are compared.
_SCRIPTS = {
    "Latin": r"A-Za-z\u00c0-\u024f\u1e00-\u1eff",
    "Greek": r"\u0370-\u03ff\u1f00-\u1fff",
    "Cyrillic": r"\u0400-\u052f\u1c80-\u1c8f\u1d2b\u1d78\ua640-\ua69f",
    "Armenian": r"\u0530-\u058f\ufb13-\ufb17",
    "Hebrew": r"\u0590-\u05ff\ufb1d-\ufb4f",
    "Arabic": r"\u0600-\u06ff\u0750-\u077f\u0870-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
    "Devanagari": r"\u0900-\u097f",
    "Bengali": r"\u0980-\u09ff",
    "Gurmukhi": r"\u0a00-\u0a7f",
    "Gujarati": r"\u0a80-\u0aff",
    "Tamil": r"\u0b80-\u0bff",
    "Telugu": r"\u0c00-\u0c7f",
    "Kannada": r"\u0c80-\u0cff",
    "Malayalam": r"\u0d00-\u0d7f",
    "Thai": r"\u0e00-\u0e7f",
    "Georgian": r"\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f",
    "Hangul": r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff",
    "Kana": r"\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f",
    "Han": r"\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f",
}


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its English name; ``scripts`` is empty if its letters are unknown."""

    name: str
    scripts: tuple[str, ...]


_LATIN = {
    "af": "Afrikaans", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "en": "English",
    "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fi": "Finnish", "fr": "French",
    "ga": "Irish", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic", "it": "Italian",
    "lb": "Luxembourgish", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nb": "Norwegian", "nl": "Dutch",
    "nn": "Norwegian", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "sk": "Slovak",
    "sl": "Slovenian", "sq": "Albanian", "sv": "Swedish", "sw": "Swahili", "tr": "Turkish", "vi": "Vietnamese",
}  # fmt: skip
_OTHERS = {
    "ar": ("Arabic", "Arabic"), "bg": ("Bulgarian", "Cyrillic"), "bn": ("Bengali", "Bengali"),
    "el": ("Greek", "Greek"), "fa": ("Persian", "Arabic"), "gu": ("Gujarati", "Gujarati"), "he": ("Hebrew", "Hebrew"),
    "hi": ("Hindi", "Devanagari"), "hy": ("Armenian", "Armenian"), "ja": ("Japanese", "Kana", "Han"),
    "ka": ("Georgian", "Georgian"), "kk": ("Kazakh", "Cyrillic"), "kn": ("Kannada", "Kannada"),
    "ko": ("Korean", "Hangul", "Han"), "mk": ("Macedonian", "Cyrillic"), "ml": ("Malayalam", "Malayalam"),
    "mr": ("Marathi", "Devanagari"), "ne": ("Nepali", "Devanagari"), "pa": ("Punjabi", "Gurmukhi"),
    "ru": ("Russian", "Cyrillic"), "sr": ("Serbian", "Cyrillic"), "ta": ("Tamil", "Tamil"),
    "te": ("Telugu", "Telugu"), "th": ("Thai", "Thai"), "uk": ("Ukrainian", "Cyrillic"), "ur": ("Urdu", "Arabic"),
    "yue": ("Cantonese", "Han"), "zh": ("Chinese", "Han"),
}  # fmt: skip

# Latin letters are allowed in every language: names and addresses use them, and espeak-ng reads them in all languages.
LANGUAGES = {code: Language(name, ("Latin",)) for code, name in _LATIN.items()} | {
    code: Language(name, (*scripts, "Latin")) for code, (name, *scripts) in _OTHERS.items()
}


def primary(language: str) -> str:
    """Return the primary subtag of a language tag: ``en`` of ``en-US`` or ``en_US``."""
    return re.split("[-_]", language.lower(), maxsplit=1)[0]


def lookup(language: str) -> Language:
    """Return the language of a tag; an unknown tag is its own name."""
    return LANGUAGES.get(primary(language), Language(language, ()))


@lru_cache(maxsize=128)
def foreign_letters(language: str) -> re.Pattern[str] | None:
    """Return a pattern for letters that the language cannot read in a folded word, or ``None`` if
    its letters are unknown.
    """
    scripts = lookup(language).scripts
    if not scripts:
        return None
    own = "".join(_SCRIPTS[script] for script in scripts)
    # An isolated Greek letter is a symbol (a 5 μm gap, Δt): only Greek words are foreign.
    greek = "" if "Greek" in scripts else _SCRIPTS["Greek"]
    letter = f"[^\\W\\d_{own}{greek}]"
    return re.compile(f"{letter}|[{greek}]{{2,}}" if greek else letter)
