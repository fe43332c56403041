"""Pronunciations and pauses within plain text: ``[[ipa]]``, ``[word](/ipa/)`` and ``[pause 1s]``."""

import re

from synthesis.text.annotation.annotated_text import NO_SOURCE, AnnotatedText, Builder
from synthesis.text.annotation.ipa import MAX_LENGTH, decomposed, is_transcription
from synthesis.text.annotation.ssml import parse_pause

# The text of a link with an address has no IPA: see ``is_transcription``.
_INLINE = re.compile(
    rf"\[\[(?P<alone>[^\[\]\n]{{1,{MAX_LENGTH}}})\]\]"
    rf"|\[(?P<word>[^\[\]\n]{{1,100}})\]\(/(?P<ipa>[^()/\n]{{1,{MAX_LENGTH}}})/\)"
    r"|\[pause[ :](?P<pause>[^\[\]\n]{1,12})\]"
)


def parse_inline(source: str, *, pauses: bool) -> AnnotatedText | None:
    """Return ``source`` with its inline annotations, ``None`` if it has none. Linear: the parts have maximum lengths.

    ``[pause 1s]`` is one only if ``pauses`` is true. IPA needs a symbol outside ASCII, so that ``[[Home]]`` of a
    wiki and links to ``/docs/`` remain text.
    """
    if "[" not in source:
        return None
    builder = Builder(source)
    done, found = 0, False
    for match in _INLINE.finditer(source):
        ipa = match["alone"] or match["ipa"]
        seconds = parse_pause(match["pause"]) if match["pause"] and pauses else None
        if not (ipa and is_transcription(ipa)) and seconds is None:
            continue
        found = True
        builder.keep(done, match.start())
        if seconds is not None:
            builder.pause(seconds)
            builder.replace(match.start(), match.end(), " ")
        elif match["word"]:
            builder.replace(*match.span("word"), match["word"], phonemes=decomposed(ipa))
        else:
            builder.replace(match.start(), match.end(), NO_SOURCE, phonemes=decomposed(ipa))
        done = match.end()
    if not found:
        return None
    builder.keep(done, len(source))
    return builder.build()
