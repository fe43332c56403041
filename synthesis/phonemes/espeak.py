"""ctypes binding of espeak-ng: one library and one current voice per process, guarded by a lock."""

import ctypes
import re
import threading
import unicodedata
from difflib import get_close_matches
from functools import lru_cache

import espeakng_loader

from synthesis.errors import VoiceError

_RETRIEVAL, _DONT_EXIT = 1, 0x8000
_UTF8, _IPA = 1, 0x02
_SWITCH = re.compile(r"\([^)]*\)")
_lock = threading.Lock()


class _Voice(ctypes.Structure):
    """``espeak_VOICE`` of ``speak_lib.h``."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),  # A priority (one byte) and a name for each; the last priority is 0.
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class _Library:
    """The loaded library. Its functions share buffers, so callers must hold the lock."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        # RETRIEVAL opens no sound device; DONT_EXIT keeps a missing data file from ending the process.
        rate = self._library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), _DONT_EXIT)
        if rate <= 0:
            raise VoiceError("engine_failed", "espeak-ng could not be started: its data files are missing.")
        self._phonemes = self._library.espeak_TextToPhonemes
        self._phonemes.restype = ctypes.c_char_p
        self._phonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
        self._library.espeak_SetVoiceByProperties.argtypes = [ctypes.POINTER(_Voice)]
        self._library.espeak_GetCurrentVoice.restype = ctypes.POINTER(_Voice)
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self._library.espeak_ListVoices.argtypes = [ctypes.c_void_p]
        self._voice = ""

    def set_voice(self, voice: str) -> None:
        """Select ``voice``; cheap if it is already selected."""
        if voice == self._voice:
            return
        self.find(voice)
        self._voice = voice

    def find(self, voice: str) -> str:
        """Select ``voice`` as the espeak-ng program does, by name or else by language; return its name."""
        self._voice = ""
        if self._library.espeak_SetVoiceByName(voice.encode()) == 0:
            return voice
        wanted = voice.replace("_", "-").lower()
        languages = ctypes.create_string_buffer(b"\x05" + wanted.encode() + b"\0")
        asked = _Voice(languages=ctypes.addressof(languages) + 1)
        if self._library.espeak_SetVoiceByProperties(ctypes.byref(asked)) == 0:
            identifier: bytes = self._library.espeak_GetCurrentVoice().contents.identifier
            return identifier.decode().rpartition("/")[2]
        near = get_close_matches(wanted, self.languages(), n=5)
        hint = f"Similar: {', '.join(near)}." if near else "Choose another voice."
        message = f'espeak-ng has no voice or language "{voice}". {hint}'
        raise VoiceError("language_unsupported", message, param="voice", value=voice, choices=near)

    def languages(self) -> list[str]:
        """Return the names of all languages of espeak-ng."""
        voices, names, place = self._library.espeak_ListVoices(None), [], 0
        while voices[place]:
            address = voices[place].contents.languages
            while ctypes.string_at(address, 1) != b"\0":
                name = ctypes.string_at(address + 1)
                names.append(name.decode())
                address += len(name) + 2
            place += 1
        return sorted(set(names))

    def phonemize(self, text: str) -> str:
        """Return the IPA of ``text``, NFD, words separated by single spaces, without language-switch marks."""
        rest = ctypes.c_char_p(text.encode())
        clauses = []
        while rest.value is not None:
            clauses.append((self._phonemes(ctypes.byref(rest), _UTF8, _IPA) or b"").decode())
        return unicodedata.normalize("NFD", " ".join(_SWITCH.sub("", " ".join(clauses)).split()))


@lru_cache(maxsize=1)
def _library() -> _Library:
    return _Library()


def find_voice(name: str) -> str:
    """Return the espeak-ng voice for ``name``, a voice or a language: ``en`` for ``en-gb``, ``nb`` for ``no``.

    Raises ``VoiceError`` ``language_unsupported``, listing similar names, if there is none.
    """
    with _lock:
        return _library().find(name)


def text_to_ipa(text: str, voice: str) -> str:
    """Return the IPA of ``text``, a clause without punctuation, by the espeak-ng voice ``voice``.

    Raises ``VoiceError`` if there is no such voice. Thread-safe.
    """
    with _lock:
        library = _library()
        library.set_voice(voice)
        return library.phonemize(text)


@lru_cache(maxsize=8192)
def word_to_ipa(word: str, voice: str) -> tuple[str, ...]:
    """Return the IPA of one isolated spoken word: usually one group, more if espeak-ng splits it into words."""
    return tuple(text_to_ipa(word, voice).split())


@lru_cache(maxsize=64)
def espeak_voice_of(language: str) -> str:
    """Return the espeak-ng voice for a language tag such as ``de-DE``. Raises as ``find_voice``."""
    return find_voice(language.replace("_", "-").lower())
