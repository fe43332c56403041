"""Runs Coqui's own server on ``HOST`` and ``PORT`` with an installed voice: ``benchmarks.peers.coqui_server FOLDER``.

It is unchanged, with three adaptations to this environment: a stand-in for torchaudio, which ``/api/tts`` does not use;
the loaded espeak-ng library instead of a process per clause, if there is no such program; and one address, not all.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from synthesis.engines.coqui.model import Vits  # Makes TTS importable without torchaudio.
from synthesis.phonemes.espeak import text_to_ipa
from synthesis.voice_files.manifest import CONFIG_FILE, WEIGHTS_FILE

LANGUAGE = "en-us"


def main(folder: Path) -> None:
    """Serve until stopped, with the server's default settings."""
    assert Vits is not None
    if not (shutil.which("espeak-ng") or shutil.which("espeak")):
        _phonemize_in_process()
    with tempfile.TemporaryDirectory() as temporary:
        config = Path(temporary) / CONFIG_FILE
        config.write_text(json.dumps(_with_phonemes(json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8")))))
        sys.argv = ["tts-server", "--model_path", str(folder / WEIGHTS_FILE), "--config_path", str(config)]
        from TTS.server import server

        server.app.run(host=os.environ["HOST"], port=int(os.environ["PORT"]))


def _with_phonemes(config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of an installed voice with Coqui's phonemizer, which this project's engines bypass."""
    return config | {"use_phonemes": True, "phonemizer": "espeak", "text_cleaner": "english_cleaners"}


def _phonemize_in_process() -> None:
    from TTS.tts.utils.text.phonemizers import espeak_wrapper

    def phonemize(phonemizer: Any, text: str, separator: str = "") -> str:
        return separator.join(text_to_ipa(text, phonemizer.language))

    espeak_wrapper._DEF_ESPEAK_LIB, espeak_wrapper.get_espeakng_version = "espeak-ng", lambda: ""
    espeak_wrapper.ESpeak.supported_languages = staticmethod(lambda: {LANGUAGE: LANGUAGE})
    espeak_wrapper.ESpeak.is_available = classmethod(lambda _: True)
    espeak_wrapper.ESpeak._phonemize = phonemize


if __name__ == "__main__":
    main(Path(sys.argv[1]))
