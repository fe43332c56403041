"""espeak-ng in this process: one library, one voice at a time, one lock."""

import ctypes
import re
import threading
import unicodedata
from functools import lru_cache

import espeakng_loader

from .errors import VoiceError

_RETRIEVAL, _DONT_EXIT = 1, 0x8000
_UTF8, _IPA = 1, 0x02
_SWITCH = re.compile(r"\([^)]*\)")
_lock = threading.Lock()


class _Library:
    """The loaded library. Its functions share buffers, so only the holder of the lock may call them."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        # RETRIEVAL opens no sound device; DONT_EXIT keeps a missing data file from ending the process.
        rate = self._library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), _DONT_EXIT)
        if rate <= 0:
            raise VoiceError("engine_failed", "espeak-ng could not be started: its data files are missing.")
        self._phonemes = self._library.espeak_TextToPhonemes
        self._phonemes.restype = ctypes.c_char_p
        self._phonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
        self._voice = ""

    def select(self, voice: str) -> None:
        """Make ``voice`` the one that reads; cheap if it is already."""
        if voice == self._voice:
            return
        self._voice = ""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            message = f'espeak-ng has no voice "{voice}". Choose another voice.'
            raise VoiceError("language_unsupported", message, param="voice", value=voice)
        self._voice = voice

    def read(self, text: str) -> str:
        """The IPA of ``text``, NFD, words separated by single spaces, without marks of a change of language."""
        rest = ctypes.c_char_p(text.encode())
        clauses = []
        while rest.value is not None:
            clauses.append((self._phonemes(ctypes.byref(rest), _UTF8, _IPA) or b"").decode())
        return unicodedata.normalize("NFD", " ".join(_SWITCH.sub("", " ".join(clauses)).split()))


@lru_cache(maxsize=1)
def _library() -> _Library:
    return _Library()


def ipa(text: str, voice: str) -> str:
    """The IPA of ``text``, a clause without punctuation, as espeak-ng's ``voice`` reads it.

    Raises ``VoiceError`` if there is no such voice. May be called from any thread.
    """
    with _lock:
        library = _library()
        library.select(voice)
        return library.read(text)


@lru_cache(maxsize=8192)
def ipa_alone(word: str, voice: str) -> tuple[str, ...]:
    """The IPA of one spoken word by itself: usually one group, more where it is read as several words."""
    return tuple(ipa(word, voice).split())
