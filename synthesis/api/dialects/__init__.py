"""Speech APIs of other servers (``core.api.dialects``), translated to parameters of ``POST /v1/audio/speech``."""
