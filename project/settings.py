"""Django settings, read from environment variables. An invalid value prevents the start.

``.env.example`` documents every variable; a test compares the two.
"""

import re
from pathlib import Path

from core.api.dialects import DIALECTS
from core.limits import registry
from project.configuration.combinations import check_combinations
from project.configuration.data_dir import prepare, resolve, use_for_caches
from project.configuration.database import databases
from project.configuration.environment import Environment, misspelled
from project.logging import add_correlation_id, demote_suspicious_operation, skip_readiness_probe
from project.renamed_settings import reject_old_names
from project.secret_key import secret_key
from project.security.csp import DIRECTIVES
from project.security.origins import check_cors_origins

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env", recurse=False)
reject_old_names(env.given)

DATA_DIR: Path = resolve(env.str("DATA_DIR", str(BASE_DIR / "var")), BASE_DIR)
# Maximum size of DATA_DIR. Beyond it the server installs no voice and creates no theme.
DISK_LIMIT_MB: int = env.limit("DISK_LIMIT_MB", registry.DISK_LIMIT_MB)
VOICES_DIR = DATA_DIR / "voices"
# A mirror of the voice catalogs and files. Empty: the public hosts.
VOICE_MIRROR_URL: str = env.http_url("VOICE_MIRROR_URL", "")
# A proxy for downloads of voices: "http://proxy.example.com:3128". Empty: HTTPS_PROXY and NO_PROXY of the environment.
VOICE_DOWNLOAD_PROXY: str = env.http_url("VOICE_DOWNLOAD_PROXY", "")
# Further hosts to which downloads of voices may be redirected.
VOICE_DOWNLOAD_HOSTS: list[str] = env.hosts("VOICE_DOWNLOAD_HOSTS", [])

HOST: str = env.listening_address("HOST", "127.0.0.1")
PORT: int = env.integer("PORT", 8000, least=0, most=65535)

DEBUG: bool = env.bool("DEBUG", False)
SECRET_KEY: str = env.str("SECRET_KEY", "")
ALLOWED_HOSTS: list[str] = env.hosts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
# Other origins whose pages may open the websocket and submit forms: "https://speech.example.com".
TRUSTED_ORIGINS: list[str] = env.origins("TRUSTED_ORIGINS", [])
# The path below which the proxy serves the site: "/voice". Empty: the root of the host.
URL_PREFIX: str = env.url_prefix("URL_PREFIX", "")
FORCE_SCRIPT_NAME = URL_PREFIX or None
# True behind a TLS-terminating proxy: redirects HTTP to HTTPS, sends HSTS, and sets Secure cookies.
BEHIND_TLS_PROXY: bool = env.bool("BEHIND_TLS_PROXY", False)
# Networks of proxies whose X-Forwarded-* headers are trusted: "10.0.0.0/8", "127.0.0.1/32".
TRUSTED_PROXIES: list[str] = env.networks("TRUSTED_PROXIES", [])

# Origins whose pages may use the HTTP API from a browser: "https://chat.example.com", "app://obsidian.md".
API_CORS_ORIGINS: list[str] = env.list("API_CORS_ORIGINS", [], validate=check_cors_origins)
# Speech APIs of other servers that this server answers besides OpenAI's; "none" disables all.
API_DIALECTS: list[str] = env.choices("API_DIALECTS", list(DIALECTS), choices=DIALECTS)
# The function that looks up access tokens of the HTTP API.
API_TOKEN_BACKEND = "accounts.tokens.find_token"  # noqa: S105 - a name
SPEECH_CACHE_BACKEND = "accounts.models.caches_speech"
PAGE_METRICS_BACKEND = "accounts.models.reports_page_metrics"
# Names by which programs on this machine reach the server without a token.
LOCAL_HOST_NAMES = ["localhost", "127.0.0.1", "::1"]

# Networks that may open the admin: "192.168.1.0/24", "fd00::/8". Empty: all.
ADMIN_ALLOWED_NETWORKS: list[str] = env.networks("ADMIN_ALLOWED_NETWORKS", [])
# Whether the admin requires a second factor (TOTP).
ADMIN_REQUIRE_2FA: bool = env.bool("ADMIN_REQUIRE_2FA", False)
OTP_TOTP_ISSUER = "Alphanumeric"

SYNTHESIS_ENGINE: str = env.choice("SYNTHESIS_ENGINE", "auto", choices=("auto", "onnx", "openvino", "cuda", "coqui"))
# Milliseconds that an incomplete GPU batch waits for more windows. A job past its deadline never waits.
SYNTHESIS_BATCH_WAIT_MS: float = env.number("SYNTHESIS_BATCH_WAIT_MS", 50.0, least=0, most=1000)
SYNTHESIS_GPU_PRECISION: str = env.choice("SYNTHESIS_GPU_PRECISION", "fp32", choices=("fp32", "tf32", "bf16"))
# Megabytes of GPU memory for this process, so that several can share a GPU; 0: unlimited. It also limits the workspaces
# of cuDNN, which otherwise uses all free memory.
SYNTHESIS_GPU_MEMORY_MB: int = env.integer("SYNTHESIS_GPU_MEMORY_MB", 8000, least=0, most=1_000_000)
# 0: one worker, and one thread, per processor core.
SYNTHESIS_WORKERS: int = env.integer("SYNTHESIS_WORKERS", 0, least=0, most=256)
SYNTHESIS_THREADS: int = env.integer("SYNTHESIS_THREADS", 0, least=0, most=256)
SYNTHESIS_MAX_LOADED_VOICES: int = env.limit("SYNTHESIS_MAX_LOADED_VOICES", registry.SYNTHESIS_MAX_LOADED_VOICES)
SYNTHESIS_VOICE_IDLE_S: int = env.integer("SYNTHESIS_VOICE_IDLE_S", 900, least=0, most=1_000_000)
# Whether sentences in another language are spoken by a voice of that language, unless an account or a request decides.
READ_OTHER_LANGUAGES: bool = env.bool("READ_OTHER_LANGUAGES", False)
# The process evicts caches at 80 % of it, rejects new work at 90 %, and is not ready at 96 %.
# 0: 500, 700 with openvino, 4,000 with coqui, or 6,000 with cuda.
MEMORY_LIMIT_MB: int = env.limit("MEMORY_LIMIT_MB", registry.MEMORY_LIMIT_MB)
# Megabytes of cached segments of all users together. 0 disables the cache.
SEGMENT_CACHE_MB: int = env.limit("SEGMENT_CACHE_MB", registry.SEGMENT_CACHE_MB)
# The event loop that streams audio; auto selects uvloop if it is installed.
EVENT_LOOP: str = env.choice("EVENT_LOOP", "auto", choices=("auto", "asyncio", "uvloop"))
# Serving processes on one port: a number, or "auto" for one per four cores. More than one needs REDIS_URL.
SERVER_PROCESSES: str = env.processes("SERVER_PROCESSES", "1")
# Seconds that running speech has to finish after the server receives SIGTERM.
SHUTDOWN_TIMEOUT_S: float = env.limit("SHUTDOWN_TIMEOUT_S", registry.SHUTDOWN_TIMEOUT_S)
# Seconds before that in which /readyz says "not ready" and the server still accepts connections.
SHUTDOWN_DELAY_S: float = env.number("SHUTDOWN_DELAY_S", 0.0, least=0, most=600)
# Share of the workers' time that running utterances may need; further ones wait.
SYNTHESIS_TARGET_LOAD: float = env.number("SYNTHESIS_TARGET_LOAD", 0.9, least=0.1, most=1)
# Seconds that an HTTP request waits for its turn before it gets 503.
SYNTHESIS_HTTP_WAIT_S: float = env.limit("SYNTHESIS_HTTP_WAIT_S", registry.SYNTHESIS_HTTP_WAIT_S)
SYNTHESIS_MAX_CONCURRENT: int = env.limit("SYNTHESIS_MAX_CONCURRENT", registry.SYNTHESIS_MAX_CONCURRENT)

# Size of a file that the page opens, in MB.
DOCUMENT_MAX_MB: int = env.limit("DOCUMENT_MAX_MB", registry.DOCUMENT_MAX_MB)
# Whether the page opens URLs, which this server then fetches.
DOCUMENT_URLS_ENABLED: bool = env.bool("DOCUMENT_URLS_ENABLED", False)
DOCUMENT_URL_PORTS: list[int] = env.ports("DOCUMENT_URL_PORTS", [80, 443])
# Networks besides the public ones to which URLs may lead, and public ones to which they may not.
DOCUMENT_URL_ALLOWED_NETWORKS: list[str] = env.networks("DOCUMENT_URL_ALLOWED_NETWORKS", [])
DOCUMENT_URL_BLOCKED_NETWORKS: list[str] = env.networks("DOCUMENT_URL_BLOCKED_NETWORKS", [])
# Documents of each account or visitor whose position is stored. 0 stores none.
DOCUMENT_POSITIONS: int = env.limit("DOCUMENT_POSITIONS", registry.DOCUMENT_POSITIONS)

# Networks that may read /metrics, besides this machine and tokens with the scope admin: "10.0.0.0/8".
METRICS_ALLOWED_NETWORKS: list[str] = env.networks("METRICS_ALLOWED_NETWORKS", [])

# Share of the loads of the page that report their timings; 0: none.
PAGE_METRICS_SHARE: float = env.number("PAGE_METRICS_SHARE", 0.1, least=0, most=1)

# Whether the page asks for ratings, and lets users report wrong readings.
FEEDBACK: bool = env.bool("FEEDBACK", True)

# Whether browsers store the page, so that it opens without a network. Not with DEBUG: names of files have no hash then.
OFFLINE_PAGE: bool = env.bool("OFFLINE_PAGE", True) and not DEBUG

# Whether visitors may create accounts. Staff can always create them in the admin.
SIGN_UP_ENABLED: bool = env.bool("SIGN_UP_ENABLED", True)

LOG_FORMAT: str = env.choice("LOG_FORMAT", "text", choices=("text", "json"))
LOG_LEVEL: str = env.choice("LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
# Bits of clients' addresses in the log. 32 and 128: the whole address.
LOG_IPV4_PREFIX: int = env.integer("LOG_IPV4_PREFIX", 24, least=0, most=32)
LOG_IPV6_PREFIX: int = env.integer("LOG_IPV6_PREFIX", 48, least=0, most=128)

INSTALLED_APPS = [
    "accounts.apps.ProtectedAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "project",
    "synthesis",
    "themes",
    "terminal",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "accounts.apps.AccountsConfig",
    "monitoring",
    "pronunciation.apps.PronunciationConfig",
    "documents.apps.DocumentsConfig",
    "feedback.apps.FeedbackConfig",
]

MIDDLEWARE = [
    # First, so that they also apply to static files and HTTPS redirects.
    "project.security.headers.security_headers_middleware",
    "project.api_middleware.api_middleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "project.security.proxy_fault.proxy_fault_middleware",
    "django.middleware.security.SecurityMiddleware",
    "project.security.health_probes.health_probe_middleware",
    "monitoring.middleware.metrics_middleware",
    "project.security.admin_networks.admin_network_middleware",
    "project.security.csp.relax_trusted_types_for_admin",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "project.security.form_encoding.utf8_forms",
    "project.security.csrf.OriginAwareCsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.session_tracking_middleware",
    "themes.owners.middleware.device_cookie_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "project.security.form_rate_limit.form_rate_limit_middleware",
    "project.storage_errors.storage_failures",
]

ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "themes.context_processors.color_scheme",
            ],
        },
    },
]

# Empty: SQLite in DATA_DIR. Otherwise the URL of a PostgreSQL database.
DATABASE_URL: dict[str, str] = env.database_url("DATABASE_URL", "")
# Largest number of connections of each process to PostgreSQL.
DATABASE_CONNECTIONS: int = env.integer("DATABASE_CONNECTIONS", 10, least=2, most=1000)
DATABASES = databases(DATABASE_URL, DATA_DIR / "alphanumeric.sqlite3", DATABASE_CONNECTIONS)
# Tests set it, to run all database work in asgiref's single thread.
DATABASE_IN_ONE_THREAD = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Several serving processes share rate limits and change notifications through Redis.
REDIS_URL: str = env.redis_url("REDIS_URL", "")
# While Redis cannot be reached: "process" counts limits in each process, "reject" rejects limited requests.
LIMITS_WITHOUT_REDIS: str = env.choice("LIMITS_WITHOUT_REDIS", "process", choices=("process", "reject"))
CACHES = {
    name: {
        **(
            {
                "BACKEND": "core.storage.fallback_cache.FallbackCache",
                "LOCATION": REDIS_URL,
                "KEY_PREFIX": name,
                "REJECTS": name == "limits",
            }
            if REDIS_URL
            else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
        ),
        "OPTIONS": {"MAX_ENTRIES": entries},
    }
    # Evicting a counter would reset a limit, so the limit cache has many entries.
    for name, entries in (("default", 1000), ("limits", 100_000))
}

CHANNEL_LAYERS = {
    # Messages only announce that something has changed, so the layer may drop them above its capacity.
    "default": {
        "BACKEND": "core.storage.channel_layer.FallbackChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "capacity": 1000},
    }
    if REDIS_URL
    else {
        "BACKEND": "core.storage.memory_layer.MemoryChannelLayer",
        "CONFIG": {"capacity": 1000, "group_expiry": 7 * 86400},
    },
}
# django-ratelimit uses the same cache as the other limits.
RATELIMIT_USE_CACHE = "limits"

LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "accounts:account"
LOGOUT_REDIRECT_URL = "accounts:account"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = f"{URL_PREFIX}/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "project.static_storage.ModuleAwareStorage"},
}
WHITENOISE_MAX_AGE = 3600
# Pages of other origins load none of the files: Cross-Origin-Resource-Policy forbids it.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# A text at its limit, every byte of it percent-encoded, is a twentieth of this.
DATA_UPLOAD_MAX_MEMORY_SIZE = registry.MAX_FORM_BYTES.default

CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**DIRECTIVES, "report-uri": [f"{URL_PREFIX}/csp-report"]}}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = BEHIND_TLS_PROXY
SECURE_REDIRECT_EXEMPT = [
    rf"^({re.escape(URL_PREFIX.lstrip('/'))}/)?(healthz|readyz|metrics)$"
]  # probes use plain HTTP
SECURE_HSTS_SECONDS = 365 * 86400 if BEHIND_TLS_PROXY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS_PROXY
# W021: HSTS preloading takes months to undo, so the operator must request it. W003: the CSRF middleware is a subclass
# of Django's, which project.E001 checks.
SILENCED_SYSTEM_CHECKS = ["security.W021", "security.W003"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS_PROXY
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # Scripts read the CSRF token from the form.
SESSION_COOKIE_SAMESITE = "Lax"
# Other sites on the same host do not get them.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{URL_PREFIX}/"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.web.pages.csrf_failure"
# Django compares the Referer with it where a request has no Origin.
CSRF_TRUSTED_ORIGINS = TRUSTED_ORIGINS

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname:7} {name}: {reference}{message}", "style": "{"},
        "json": {"()": "project.logging.JsonFormatter"},
    },
    "filters": {
        filter_.__name__: {"()": "django.utils.log.CallbackFilter", "callback": filter_}
        for filter_ in (skip_readiness_probe, demote_suspicious_operation, add_correlation_id)
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["skip_readiness_probe", "demote_suspicious_operation", "add_correlation_id"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # These log every connection and every voice at INFO.
        "daphne": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "twisted": {"level": "WARNING"},
        "TTS": {"level": "WARNING"},
    },
}

MISSPELLED = misspelled(env.given, env.in_file, env.names)
check_combinations(globals())
# Last, so that a wrong value changes nothing on the disk.
prepare(DATA_DIR)
use_for_caches(DATA_DIR)
SECRET_KEY = SECRET_KEY or secret_key(DATA_DIR)
