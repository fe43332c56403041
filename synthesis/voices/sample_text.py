"""Sample text in a voice's language, for its self-test and for measuring its loudness."""

import unicodedata

from synthesis.phonemes.phonemizer import BLANK, END, START, phonemes_to_ids, phonemize
from synthesis.text.normalization.languages import primary
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import split_segments
from synthesis.voice_files.manifest import VoiceManifest

DIGITS = "1 2 3 4 5 6 7 8 9 10"
"""Sample text for other languages: espeak-ng reads digits in all of them."""
SENTENCES = {
    "ar": "مرحبا، كيف حالك اليوم؟",
    "cs": "Dobrý den, jak se dnes máte?",
    "de": "Guten Tag, ich möchte heute nicht durch München.",
    "en": "The birch canoe slid on the smooth planks.",
    "es": "Buenos días, ¿cómo está usted hoy?",
    "fr": "Bonjour, un bon vin blanc, s'il vous plaît.",
    "it": "Buongiorno, come sta oggi?",
    "nl": "Goedemorgen, hoe gaat het vandaag?",
    "no": "God morgen, hvordan har du det i dag?",
    "pl": "Dzień dobry, jak się pan dzisiaj czuje?",
    "pt": "Bom dia, como está a sua irmã?",
    "ru": "Здравствуйте, как у вас дела?",
    "sv": "God morgon, hur mår du i dag?",
    "tr": "Günaydın, bugün nasılsınız?",
    "uk": "Доброго дня, як ваші справи?",
    "zh": "你好，今天天气很好。",
}
"""Sample sentence by language."""
_LETTERS = 40
"""Letters of a voice that speaks from letters of a language without a sample sentence."""
_WORD = 4


def sample_ids(manifest: VoiceManifest) -> list[int]:
    """Return the ids of a sentence in the voice's language. Raises ``VoiceError`` if espeak-ng has no such voice.

    They include only the symbols that the voice has, so they can be the start, the blanks and the end alone.
    """
    (segment, *_) = split_segments(normalize(sample_sentence(manifest), manifest.language))
    return phonemes_to_ids(phonemize(segment, manifest.espeak_voice), manifest.phoneme_ids)[0]


def has_sound(ids: list[int], manifest: VoiceManifest) -> bool:
    """Return whether ``ids`` contain more than start, blanks and end."""
    silent = {id_ for symbol in (BLANK, START, END) for id_ in manifest.phoneme_ids[symbol]}
    return any(id_ not in silent for id_ in ids)


def sample_sentence(manifest: VoiceManifest) -> str:
    """Return a sentence in the voice's language, or else digits or the voice's letters."""
    own = DIGITS if manifest.espeak_voice else _letters(manifest)
    sentence = SENTENCES.get(primary(manifest.language), own)
    spoken = manifest.espeak_voice or any(char in manifest.phoneme_ids for char in sentence if char.isalpha())
    return sentence if spoken else own


def _letters(manifest: VoiceManifest) -> str:
    """Return the voice's own letters in groups of four."""
    letters = [symbol for symbol in manifest.phoneme_ids if len(symbol) == 1 and unicodedata.category(symbol) != "Lu"]
    spoken = "".join(letter for letter in letters if letter.isalpha())[:_LETTERS]
    return " ".join(spoken[start : start + _WORD] for start in range(0, len(spoken), _WORD)) or DIGITS
