"""Groups spoken words into captions, in the formats SubRip (SRT) and WebVTT. Pure: text and times in, text out."""

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MAX_CHARACTERS = 84
"""Characters of a caption: two lines of 42, as broadcasters recommend."""
MAX_S = 7.0
SENTENCE_END = tuple(".!?…。！？")
MEDIA_TYPES = {"srt": "application/x-subrip; charset=utf-8", "vtt": "text/vtt; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A written word with its punctuation, and when it sounds, in seconds from the beginning."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Caption:
    """Words that are shown together."""

    text: str
    start_s: float
    end_s: float


def group_words(words: Iterable[SpokenWord]) -> Iterator[Caption]:
    """Yield captions: each ends with a sentence, or before it gets too long to read."""
    group: list[SpokenWord] = []
    for word in words:
        if group and (_length(group) + 1 + len(word.text) > MAX_CHARACTERS or word.end_s - group[0].start_s > MAX_S):
            yield _caption(group)
            group = []
        group.append(word)
        if word.text.rstrip("\"'”’)]").endswith(SENTENCE_END):
            yield _caption(group)
            group = []
    if group:
        yield _caption(group)


def render(captions: Iterable[Caption], caption_format: str) -> str:
    """Return the file in ``caption_format``, ``"srt"`` or ``"vtt"``."""
    if caption_format == "srt":
        blocks = [
            f"{number}\n{_time(caption.start_s, ',')} --> {_time(caption.end_s, ',')}\n"
            f"{caption.text.replace('-->', '->')}\n"
            for number, caption in enumerate(captions, 1)
        ]
        return "\n".join(blocks)
    cues = [
        f"{_time(caption.start_s, '.')} --> {_time(caption.end_s, '.')}\n{html.escape(caption.text, quote=False)}\n"
        for caption in captions
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _length(words: Sequence[SpokenWord]) -> int:
    return sum(len(word.text) + 1 for word in words) - 1


def _caption(words: Sequence[SpokenWord]) -> Caption:
    return Caption(" ".join(word.text for word in words), words[0].start_s, words[-1].end_s)


def _time(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"
