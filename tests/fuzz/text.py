"""Fuzz targets: normalization, phonemes and alignment."""

from itertools import pairwise

from synthesis.errors import TextError
from synthesis.phonemes.alignment import align
from synthesis.phonemes.phonemizer import phonemize
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import MAX_LENGTH, split_segments
from synthesis.text.validation import check_text
from synthesis.text.word import Word
from tests.fuzz.errors import assert_well_formed
from tests.fuzz.target import Target, as_text

LARGEST = 4_000
"""Characters of a text: the highest limit that the admin can set."""
LIMIT = 4 * LARGEST
"""Characters: four times that, long enough to expose quadratic time."""
LANGUAGES = ("en-US", "en-GB", "de-DE", "ru-RU", "zh-CN", "ar-JO", "hi-IN", "xx")
_MARKS = {"", ",", ";", ":", ".", "!", "?", "..."}


def normalized(data: bytes) -> None:
    """Normalize and segment a text; the first byte selects the language."""
    language = LANGUAGES[data[0] % len(LANGUAGES)] if data else "en-US"
    text = as_text(data[1:])[:LIMIT]
    words = normalize(text, language)
    _in_order(words, len(text))
    passes = _passes(text, language)
    assert words or not passes, "an accepted text has no spoken word"
    pieces = split_segments(words)
    assert [word for piece in pieces for word in piece.words] == words
    assert all(len(" ".join(word.spoken for word in piece.words)) <= MAX_LENGTH for piece in pieces)
    assert not passes or all(word.spoken for word in words)


def _in_order(words: list[Word], length: int) -> None:
    place = 0
    for word in words:
        assert place <= word.start <= word.end <= length
        assert word.start < word.end or len(word.spoken) > 0
        assert word.punctuation in _MARKS
        place = word.end


def _passes(text: str, language: str) -> bool:
    try:
        check_text(text, language=language, limit=LIMIT)
    except TextError as error:
        assert_well_formed(error)
        return False
    return True


def phonemised(data: bytes) -> None:
    """Phonemize an accepted text with espeak-ng, which is C and could crash the process."""
    text = as_text(data)[:400]
    if not _passes(text, "en-US"):
        return
    for segment in split_segments(normalize(text, "en-US")):
        made = phonemize(segment, "en-us")
        assert len(made.spans) == len(segment.words)
        assert all(start <= stop for start, stop in made.spans)
        assert all(first[1] == second[0] for first, second in pairwise(made.spans))
        assert made.spans[-1][1] == len(made.symbols)


def aligned(data: bytes) -> None:
    """Align phoneme groups (before a NUL) with words (after it, parts separated by commas), up to a segment's size."""
    before, _, after = as_text(data)[:600].partition("\0")
    before, after = before[:MAX_LENGTH], after[:MAX_LENGTH]
    groups = before.split()
    alone = [word.split(",") for word in after.split()]
    if not alone:
        return
    starts = align(groups, alone)
    assert len(starts) == len(alone)
    assert starts == sorted(starts)
    assert all(0 <= start <= len(" ".join(groups)) for start in starts)


TEXTS = [
    "Hello, world. The build finished at 12:05 on Jan. 3, 2024: 3.5 km, $3.50, 50%, 1/2, e.g. this - and that!",
    "Dr. Smith paid £1,000,000 to NASA's CI (v1.2.3) at https://ci.example.com/log?x=1&y=2, see a.b@c.org.",
    "**bold** `code` [link](http://a.b/c) &amp; <b>x</b>\x1b[31mred\x1b[0m\n\n- item one\n1. item two\n```\nx = 1\n```",
    "½ ² é ř π 🙂\u200d🙂 10^9 2⁵ ①② 5'10\" IV XIV 007 1e5 0x1F #42 @you 3-4 x=y+z 1990s '90s",
    "Съешь ещё этих мягких французских булок, да выпей чаю. 3 кг",
    "你好，世界。今天 3 月 5 日",
    "مرحبا، كيف حالك؟ ١٢٣",
    "हिन्दी भाषा। १२३",
]


FLOODS = ["123,", "\n" + " " * 200, "_", "\t", "9", "1/", "a<", "+-", "$\\", "==", "1. ", "::", "II ", "z. B. "]
"""Repeated to ``LARGEST`` characters: inputs that took quadratic time, or raised an error, in earlier versions."""


def _texts() -> list[bytes]:
    floods = [bytes([number % 3]) + (unit * LARGEST)[:LARGEST].encode() for number, unit in enumerate(FLOODS)]
    return (
        floods
        + [bytes([number % len(LANGUAGES)]) + text.encode() for number, text in enumerate(TEXTS)]
        + [b"\0" + text.encode() for text in TEXTS]
    )


def _alignments() -> list[bytes]:
    return [
        "həlˈoʊ wˈɜːld\0həlˈoʊ wˈɜːld".encode(),
        "ðətwˈɛlv oʊ fˈaɪv\0ðə twˈɛlv oʊ,fˈaɪv".encode(),
        "ɪnðə bˈɪldɪŋ ɪz\0ɪn ðə bˈɪldɪŋ ɪz ,".encode(),
        b"a b c d e f g h\0a,b c,d e , f,g,h",
    ]


TARGETS = {
    "text": Target(normalized, _texts),
    "phonemes": Target(phonemised, lambda: [text.encode() for text in TEXTS[:4]]),
    "alignment": Target(aligned, _alignments),
}
