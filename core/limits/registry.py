"""Declares every limit: its name, unit, default, scope, who may change it, and how it is rejected.

The modules that enforce a limit take its value from here. ``python -m scripts.limits`` writes the tables of
``docs/limits.md`` from here, and a test compares them. Pure.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Number = TypeVar("Number", int, float)

MIB = 1024 * 1024


class Scope(StrEnum):
    """The subject of a limit. A user is an account, or for visitors an address (IPv6: a /64 network)."""

    TEXT = "text"
    MESSAGE = "message"
    REQUEST = "request"
    CONNECTION = "connection"
    TAB = "tab"
    USER = "user"
    ADDRESS = "address"
    ACCOUNT = "account"
    BROWSER = "browser"
    PROCESS = "process"
    NAME = "account name"


class ChangedBy(StrEnum):
    """Who may change a limit."""

    ADMIN = "the operator, in the admin, by kind of user"
    SETTING = "the operator, by environment variable"
    CODE = "a developer"


@dataclass(frozen=True, slots=True)
class Limit(Generic[Number]):
    """A limit. ``default`` is in ``unit``; ``least`` and ``most`` bound what an operator may set (0: no bound)."""

    name: str
    default: Number
    unit: str
    scope: Scope
    meaning: str
    rejection: str = ""
    """The rejection of a client that exceeds the limit: an error code, an HTTP status or a close code."""
    changed_by: ChangedBy = ChangedBy.CODE
    least: int = 1
    most: int = 0


# Limits that operators set in the admin, for each kind of user.

REQUESTS_PER_MINUTE = Limit(
    "requests_per_minute",
    100,
    "texts",
    Scope.USER,
    "Maximum texts per minute.",
    "limit_requests",
    changed_by=ChangedBy.ADMIN,
    most=100_000,
)
CHARACTERS_PER_MINUTE = Limit(
    "characters_per_minute",
    10_000,
    "characters",
    Scope.USER,
    "Maximum characters per minute, over all texts.",
    "limit_characters",
    changed_by=ChangedBy.ADMIN,
    most=100_000_000,
)
MAX_TEXT_LENGTH = Limit(
    "max_text_length",
    1000,
    "characters",
    Scope.TEXT,
    "Maximum characters per text.",
    "text_too_long",
    changed_by=ChangedBy.ADMIN,
    most=4000,
)
MAX_QUEUE_LENGTH = Limit(
    "max_queue_length",
    32,
    "utterances",
    Scope.TAB,
    "Maximum utterances per tab that are queued or being synthesized.",
    "queue_full",
    changed_by=ChangedBy.ADMIN,
    most=1000,
)
MAX_CONCURRENT_UTTERANCES = Limit(
    "max_concurrent_utterances",
    16,
    "utterances",
    Scope.USER,
    "Maximum concurrent utterances across all tabs.",
    "limit_utterances",
    changed_by=ChangedBy.ADMIN,
    most=10_000,
)
MAX_CONNECTIONS = Limit(
    "max_connections",
    256,
    "tabs",
    Scope.USER,
    "Maximum open tabs.",
    "limit_sockets",
    changed_by=ChangedBy.ADMIN,
    most=100_000,
)
MAX_CACHED_SEGMENTS = Limit(
    "max_cached_segments",
    500,
    "segments",
    Scope.USER,
    "Maximum cached segments per user. 0 disables the cache.",
    changed_by=ChangedBy.ADMIN,
    least=0,
    most=100_000,
)
MEMORY_MB = Limit(
    "memory_mb",
    0,
    "MB",
    Scope.PROCESS,
    "Memory use of the server, in MB, above which new requests are rejected. 0 uses MEMORY_LIMIT_MB.",
    "busy",
    changed_by=ChangedBy.ADMIN,
    least=0,
    most=1_000_000,
)
TIMEOUT_S = Limit(
    "timeout_s",
    30,
    "s",
    Scope.TEXT,
    "Timeout of each synthesis step, in seconds.",
    "timeout",
    changed_by=ChangedBy.ADMIN,
    most=600,
)

# Limits that operators set by environment variable.

SYNTHESIS_MAX_CONCURRENT = Limit(
    "SYNTHESIS_MAX_CONCURRENT",
    256,
    "utterances",
    Scope.PROCESS,
    "Concurrent utterances of all users; further ones wait.",
    changed_by=ChangedBy.SETTING,
    most=10_000,
)
SYNTHESIS_HTTP_WAIT_S = Limit(
    "SYNTHESIS_HTTP_WAIT_S",
    10.0,
    "s",
    Scope.REQUEST,
    "Time that an HTTP request waits for its turn while the server has no capacity.",
    "busy",
    changed_by=ChangedBy.SETTING,
    least=0,
    most=300,
)
SYNTHESIS_MAX_LOADED_VOICES = Limit(
    "SYNTHESIS_MAX_LOADED_VOICES",
    2,
    "voices",
    Scope.PROCESS,
    "Voices in memory; the least recently used one is unloaded.",
    changed_by=ChangedBy.SETTING,
    most=64,
)
SEGMENT_CACHE_MB = Limit(
    "SEGMENT_CACHE_MB",
    16,
    "MB",
    Scope.PROCESS,
    "Cached segments of all users together.",
    changed_by=ChangedBy.SETTING,
    least=0,
    most=100_000,
)
MEMORY_LIMIT_MB = Limit(
    "MEMORY_LIMIT_MB",
    0,
    "MB",
    Scope.PROCESS,
    "Memory of the process; 0 selects 500 MB with `onnx`, 700 MB with `openvino`, 4,000 MB with "
    "`coqui`, 6,000 MB with `cuda`. At 80 % "
    "the server evicts cached segments and idle voices, at 90 % it rejects new work, at 96 % `/readyz` "
    "returns 503.",
    "busy",
    changed_by=ChangedBy.SETTING,
    least=0,
    most=1_000_000,
)
DISK_LIMIT_MB = Limit(
    "DISK_LIMIT_MB",
    20_000,
    "MB",
    Scope.PROCESS,
    "Size of `DATA_DIR`. Beyond it the server installs no voice and creates no theme.",
    "storage_full",
    changed_by=ChangedBy.SETTING,
    least=500,
)
DOCUMENT_MAX_MB = Limit(
    "DOCUMENT_MAX_MB",
    10,
    "MB",
    Scope.REQUEST,
    "Size of a file that the page opens, checked before it is read.",
    "document_too_large",
    changed_by=ChangedBy.SETTING,
    most=12,
)
DOCUMENT_POSITIONS = Limit(
    "DOCUMENT_POSITIONS",
    100,
    "positions",
    Scope.USER,
    "Documents of one account or visitor whose position is stored; the oldest is deleted. 0 stores none.",
    changed_by=ChangedBy.SETTING,
    least=0,
    most=1000,
)
SHUTDOWN_TIMEOUT_S = Limit(
    "SHUTDOWN_TIMEOUT_S",
    10.0,
    "s",
    Scope.PROCESS,
    "Time in which running speech may finish after a stop was requested.",
    changed_by=ChangedBy.SETTING,
    least=0,
    most=3600,
)

# Speech

ADDRESS_CONNECTION_FACTOR = Limit(
    "address_connection_factor",
    4,
    "times",
    Scope.ADDRESS,
    "Open tabs of one address, as a multiple of `max_connections`: households and offices share an address.",
    "limit_sockets",
)
MAX_BUFFER_AHEAD_S = Limit(
    "max_buffer_ahead_s",
    5.0,
    "s",
    Scope.TAB,
    "Audio synthesized ahead of a tab's playback position; the last window may exceed it.",
)
MAX_WAITING_UTTERANCES = Limit(
    "max_waiting_utterances",
    2000,
    "utterances",
    Scope.PROCESS,
    "Utterances that wait until the server has capacity for them in real time.",
    "busy",
)
RESUME_GRACE_S = Limit(
    "resume_grace_s",
    30,
    "s",
    Scope.TEXT,
    "Time beyond its audio for which an utterance can be resumed after its process has ended, before new ones.",
)
MAX_RESUMPTIONS = Limit(
    "max_resumptions", 3, "resumptions", Scope.TEXT, "Resumptions of an utterance that go before new ones."
)
MAX_RESUME_TOKEN = Limit(
    "max_resume_token", 300, "characters", Scope.MESSAGE, "Length of a resume token.", "field_invalid"
)
MAX_STREAM_MESSAGE_CHARACTERS = Limit(
    "max_stream_message_characters",
    16_384,
    "characters",
    Scope.MESSAGE,
    "One message to `/v1/audio/speech/stream`.",
    "body_invalid",
)
MAX_STREAM_PARTS = Limit(
    "max_stream_parts",
    200,
    "parts",
    Scope.CONNECTION,
    "Parts of a growing text that wait to be spoken on `/v1/audio/speech/stream`.",
    "queue_full",
)
MAX_WAITING_TEXT_CHECKS = Limit(
    "max_waiting_text_checks", 200, "texts", Scope.PROCESS, "Texts waiting for validation: about 4 s of work.", "busy"
)
MAX_SSML_DEPTH = Limit(
    "max_ssml_depth", 32, "elements", Scope.TEXT, "Elements of an SSML document within each other.", "ssml_too_deep"
)
MAX_VOICES_PER_TEXT = Limit(
    "max_voices_per_text",
    4,
    "voices",
    Scope.TEXT,
    "Voices that an SSML document names besides its own: all are in memory at once.",
    "voices_too_many",
)
MAX_PAUSE_S = Limit("max_pause_s", 10, "s", Scope.TEXT, "Silence between two words by markup; longer pauses are cut.")
MAX_DICTIONARY_ENTRIES = Limit(
    "max_dictionary_entries",
    10_000,
    "entries",
    Scope.ACCOUNT,
    "Entries of a pronunciation dictionary, and of the operator's.",
    "dictionary_full",
)
MAX_SEGMENT_S = Limit("max_segment_s", 600, "s", Scope.TEXT, "Audio of one segment.")
PLAIN_FORM_PARTS = Limit(
    "plain_form_parts",
    50,
    "texts",
    Scope.REQUEST,
    "Parts into which a long text of the form without JavaScript is split; the rest stays in the form.",
)
MAX_PLAIN_FILE_BYTES = Limit(
    "max_plain_file_bytes",
    64 * 1024,
    "bytes",
    Scope.REQUEST,
    "Text file that the form without JavaScript speaks.",
    "text_too_long",
)
RECORDINGS_BYTES = Limit(
    "recordings_bytes",
    32 * MIB,
    "bytes",
    Scope.PROCESS,
    "Cached recordings of the form without JavaScript; the oldest are deleted, and synthesized again on request.",
)

# Websockets

MESSAGES_PER_SECOND = Limit("messages_per_second", 50, "messages", Scope.TAB, "Websocket messages.", "limit_frames")
MESSAGE_BURST = Limit(
    "message_burst",
    300,
    "messages",
    Scope.TAB,
    "Burst of websocket messages. A long paste sends dozens, a dragged color twenty a second.",
    "limit_frames",
)
MAX_REFUSED_MESSAGES = Limit(
    "max_refused_messages",
    1000,
    "messages",
    Scope.TAB,
    "Rejected messages after which the server closes the socket.",
    "1008",
)
MAX_MESSAGE_BYTES = Limit(
    "max_message_bytes",
    64 * 1024,
    "bytes",
    Scope.MESSAGE,
    "Size of one websocket message, in either direction; a larger one drops the connection.",
)
FRAMES_PER_SECOND = Limit(
    "frames_per_second",
    100.0,
    "frames",
    Scope.CONNECTION,
    "Websocket frames, including pings, pongs and fragments.",
    "1008",
)
FRAME_BURST = Limit("frame_burst", 1500.0, "frames", Scope.CONNECTION, "Burst of websocket frames.", "1008")
ADDRESS_FRAMES_PER_SECOND = Limit(
    "address_frames_per_second",
    1000.0,
    "frames",
    Scope.ADDRESS,
    "Websocket frames of all connections; above it the server pauses reading from the address.",
)
ADDRESS_FRAME_BURST = Limit(
    "address_frame_burst", 10_000.0, "frames", Scope.ADDRESS, "Burst of websocket frames of all connections."
)
MAX_JSON_DEPTH = Limit(
    "max_json_depth", 4, "levels", Scope.MESSAGE, "Nested objects and lists in a websocket message.", "frame_invalid"
)
MAX_RECEIVE_QUEUE_BYTES = Limit(
    "max_receive_queue_bytes",
    10 * MIB,
    "bytes",
    Scope.CONNECTION,
    "Messages received but not yet processed, where each counts 16 KB more than its length.",
    "1008",
)
MAX_SEND_BUFFER_BYTES = Limit(
    "max_send_buffer_bytes",
    1 * MIB,
    "bytes",
    Scope.CONNECTION,
    "Unread output in the server's send buffer; more drops the connection.",
)
IDLE_TIMEOUT_S = Limit(
    "idle_timeout_s",
    600.0,
    "s",
    Scope.CONNECTION,
    "Time without a message. The page sends a ping four times a minute.",
    "4008",
)
HANDSHAKES_PER_SECOND = Limit(
    "handshakes_per_second",
    50.0,
    "handshakes",
    Scope.ADDRESS,
    "Websocket handshakes; the server rejects more before it reads them.",
    "403",
)
HANDSHAKE_BURST = Limit(
    "handshake_burst",
    500,
    "handshakes",
    Scope.ADDRESS,
    "Burst of handshakes: a browser that restores all its tabs.",
    "403",
)
MAX_HANDSHAKES = Limit("max_handshakes", 32, "handshakes", Scope.PROCESS, "Handshakes in progress.", "403")
TAB_WORK_QUEUE = Limit(
    "tab_work_queue", 64, "tasks", Scope.TAB, "Queued database work of one tab.", "storage_unavailable"
)

# HTTP

CONNECTIONS_PER_SECOND = Limit(
    "connections_per_second",
    100.0,
    "connections",
    Scope.ADDRESS,
    "New TCP connections; the server closes more before it reads them.",
)
CONNECTION_BURST = Limit(
    "connection_burst",
    1000.0,
    "connections",
    Scope.ADDRESS,
    "Burst of new TCP connections: all tabs of an office after a restart.",
)
HTTP_REQUESTS_PER_SECOND = Limit(
    "http_requests_per_second",
    50.0,
    "requests",
    Scope.ADDRESS,
    "HTTP requests, pages and API; a static file counts as a tenth, and health probes "
    "are counted apart. The server rejects more before it parses them.",
    "429",
)
HTTP_REQUEST_BURST = Limit("http_request_burst", 500.0, "requests", Scope.ADDRESS, "Burst of HTTP requests.", "429")
MAX_PAGE_REQUESTS = Limit(
    "max_page_requests",
    2,
    "requests",
    Scope.PROCESS,
    "Page requests handled at a time; others wait. Speech requests are not counted.",
)
MAX_BODY_BYTES = Limit(
    "max_body_bytes", 512 * 1024, "bytes", Scope.REQUEST, "Request body, checked while it arrives.", "413"
)
REQUEST_TIMEOUT_S = Limit(
    "request_timeout_s",
    30.0,
    "s",
    Scope.REQUEST,
    "Time from the first byte of a request until its headers and body are complete.",
)
HTTP_IDLE_S = Limit("http_idle_s", 60.0, "s", Scope.CONNECTION, "Time that a connection may wait for its next request.")
UNREAD_RESPONSE_S = Limit(
    "unread_response_s",
    30.0,
    "s",
    Scope.CONNECTION,
    "A client that reads less than `unread_response_bytes` of a waiting response in this time is disconnected.",
)
UNREAD_RESPONSE_BYTES = Limit(
    "unread_response_bytes",
    8 * 1024,
    "bytes",
    Scope.CONNECTION,
    "What a client on a slow link must read within `unread_response_s`; except on Linux, it must read all that waits.",
)
MAX_BUFFERED_BYTES_PER_ADDRESS = Limit(
    "max_buffered_bytes_per_address",
    16 * MIB,
    "bytes",
    Scope.ADDRESS,
    "Unread output of HTTP and websockets, and unfinished requests; "
    "an HTTP connection counts at least 32 KB, so an address has at most 512.",
)
MAX_BUFFERED_BYTES = Limit(
    "max_buffered_bytes",
    64 * MIB,
    "bytes",
    Scope.PROCESS,
    "The same for all addresses, so there are at most 2,048 HTTP connections.",
)
MAX_FORM_BYTES = Limit(
    "max_form_bytes", 256 * 1024, "bytes", Scope.REQUEST, "Fields of a form, without uploaded files.", "413"
)
MAX_CSP_REPORT_BYTES = Limit("max_csp_report_bytes", 16 * 1024, "bytes", Scope.REQUEST, "Size of a CSP report.", "400")
CSP_REPORTS_PER_MINUTE = Limit("csp_reports_per_minute", 30, "reports", Scope.ADDRESS, "CSP reports.", "429")
MAX_PAGE_REPORT_BYTES = Limit(
    "max_page_report_bytes", 1024, "bytes", Scope.REQUEST, "Size of a page's report of its timings.", "413"
)
PAGE_REPORTS_PER_MINUTE = Limit(
    "page_reports_per_minute", 30, "reports", Scope.ADDRESS, "Reports of pages' timings.", "429"
)
FEEDBACK_PER_HOUR = Limit(
    "feedback_per_hour", 10, "requests", Scope.ADDRESS, "Ratings and reports of wrong readings.", "429"
)
MAX_RATINGS = Limit("max_ratings", 10_000, "ratings", Scope.PROCESS, "Ratings that are stored; the oldest are deleted.")
MAX_READING_REPORTS = Limit(
    "max_reading_reports", 1000, "texts", Scope.PROCESS, "Reported texts that are stored; the oldest are deleted."
)
MAX_FEEDBACK_WORDS = Limit(
    "max_feedback_words", 500, "characters", Scope.TEXT, "Words of a rating or of a report.", "field_invalid"
)
MAX_REPORTED_TEXT = Limit(
    "max_reported_text", 2000, "characters", Scope.TEXT, "Text of a report of a wrong reading.", "field_invalid"
)
POSTS_PER_MINUTE = Limit(
    "posts_per_minute",
    120,
    "forms",
    Scope.USER,
    "Forms, and requests of the theme editor, for voices and for documents: `POST` under `/themes/`, `/accounts/`, "
    "`/voices/` and `/documents/`, and shared texts (`/share`).",
    "limit_posts",
)
MAX_PARAMETERS = Limit(
    "max_parameters",
    100,
    "parameters",
    Scope.REQUEST,
    "Parameters in the query or in the form of a dialect.",
    "body_invalid",
)

# Documents

DOCUMENTS_PER_MINUTE = Limit(
    "documents_per_minute", 20, "documents", Scope.USER, "Files that are opened.", "limit_documents"
)
MAX_DOCUMENT_CHARACTERS = Limit(
    "max_document_characters", 1_000_000, "characters", Scope.TEXT, "Text of a document.", "document_too_long"
)
MAX_DOCUMENT_PAGES = Limit("max_document_pages", 2000, "pages", Scope.REQUEST, "Pages of a PDF.", "document_too_long")
MAX_DOCUMENT_ENTRIES = Limit(
    "max_document_entries", 5000, "files", Scope.REQUEST, "Files in an EPUB or DOCX file.", "document_too_complex"
)
MAX_DOCUMENT_UNPACKED_BYTES = Limit(
    "max_document_unpacked_bytes",
    64 * MIB,
    "bytes",
    Scope.REQUEST,
    "Bytes that are decompressed of an EPUB or DOCX file, counted while they are.",
    "document_too_complex",
)
MAX_DOCUMENT_DEPTH = Limit(
    "max_document_depth", 400, "elements", Scope.REQUEST, "Elements within each other.", "document_too_complex"
)
DOCUMENT_MEMORY_MB = Limit(
    "document_memory_mb", 512, "MB", Scope.REQUEST, "Memory of the process that reads a file.", "document_too_complex"
)
DOCUMENT_CPU_S = Limit(
    "document_cpu_s", 40, "s", Scope.REQUEST, "Processor time of the process that reads a file.", "document_too_complex"
)
DOCUMENT_TIMEOUT_S = Limit(
    "document_timeout_s", 60.0, "s", Scope.REQUEST, "Time in which a file must be read.", "document_too_complex"
)
DOCUMENT_UPLOAD_S = Limit(
    "document_upload_s", 120.0, "s", Scope.REQUEST, "Time in which a file must arrive, instead of `request_timeout_s`."
)
MAX_EXTRACTIONS = Limit("max_extractions", 2, "files", Scope.PROCESS, "Files that are read at a time; others wait.")
MAX_EXTRACTIONS_PER_USER = Limit(
    "max_extractions_per_user",
    2,
    "files",
    Scope.USER,
    "Files of one user that are read or wait, in each process.",
    "limit_documents",
)
MAX_WAITING_EXTRACTIONS = Limit(
    "max_waiting_extractions", 8, "files", Scope.PROCESS, "Files that wait to be read.", "busy"
)
MAX_URL_CHARACTERS = Limit(
    "max_url_characters", 2000, "characters", Scope.REQUEST, "URL that is opened.", "url_invalid"
)
URLS_PER_MINUTE = Limit("urls_per_minute", 10, "URLs", Scope.USER, "URLs that are opened.", "limit_documents")
MAX_FETCHES = Limit("max_fetches", 4, "URLs", Scope.PROCESS, "URLs that are fetched at a time.", "busy")
MAX_FETCHES_PER_USER = Limit(
    "max_fetches_per_user",
    2,
    "URLs",
    Scope.USER,
    "URLs of one user that are fetched, in each process.",
    "limit_documents",
)
MAX_URL_REDIRECTS = Limit("max_url_redirects", 5, "redirects", Scope.REQUEST, "Redirects of a URL.", "url_redirects")
URL_TIMEOUT_S = Limit(
    "url_timeout_s", 30.0, "s", Scope.REQUEST, "Time in which a URL must be fetched, with redirects.", "url_timeout"
)
URL_IDLE_S = Limit("url_idle_s", 10.0, "s", Scope.REQUEST, "Time without a byte of a URL's host.", "url_timeout")
POSITION_DAYS = Limit(
    "position_days", 365, "days", Scope.USER, "Time for which the position in a document is stored after its last use."
)

# The Wyoming server

MAX_WYOMING_CONNECTIONS = Limit(
    "max_wyoming_connections", 100, "connections", Scope.PROCESS, "Open connections; the server closes further ones."
)
WYOMING_IDLE_S = Limit(
    "wyoming_idle_s",
    300.0,
    "s",
    Scope.CONNECTION,
    "Time without an event of the client, or in which it reads nothing; then the server disconnects.",
)
MAX_WYOMING_EVENT_BYTES = Limit(
    "max_wyoming_event_bytes",
    64 * 1024,
    "bytes",
    Scope.MESSAGE,
    "Size of an event's line, of its data and of its payload.",
    "body_too_large",
)

# Themes

THEME_CREATIONS_PER_MINUTE = Limit(
    "theme_creations_per_minute",
    120,
    "themes",
    Scope.USER,
    "New themes, through the socket and the forms together.",
    "limit_theme_creations",
)
MAX_THEMES_PER_OWNER = Limit(
    "max_themes_per_owner", 100, "themes", Scope.USER, "Themes of one account or visitor.", "theme_limit_reached"
)
MAX_FAVORITE_VOICES = Limit(
    "max_favorite_voices", 200, "voices", Scope.USER, "Favorite voices of one account or visitor.", "favorites_full"
)
MAX_DEFAULT_VOICES = Limit(
    "max_default_voices", 100, "voices", Scope.USER, "Default voices of one account or visitor.", "defaults_full"
)
MAX_THEME_BYTES = Limit(
    "max_theme_bytes",
    50 * 1024,
    "bytes",
    Scope.REQUEST,
    "Size of a theme file, and of a theme in any other form.",
    "file_too_large",
)
MAX_THEME_NAME_LENGTH = Limit(
    "max_theme_name_length", 60, "characters", Scope.REQUEST, "Length of a theme's name.", "name_invalid"
)

# Storage

MAX_WAITING_READS = Limit(
    "max_waiting_reads", 512, "reads", Scope.PROCESS, "Queued database reads.", "storage_unavailable"
)
MAX_WAITING_WRITES = Limit(
    "max_waiting_writes", 128, "writes", Scope.PROCESS, "Queued database writes.", "storage_unavailable"
)
DATABASE_START_S = Limit(
    "database_start_s",
    5.0,
    "s",
    Scope.REQUEST,
    "Time that database work waits for a thread, and SQLite for its lock.",
    "storage_unavailable",
)
MIN_FREE_BYTES = Limit(
    "min_free_bytes",
    256 * MIB,
    "bytes",
    Scope.PROCESS,
    "Free disk space that the server leaves for other uses.",
    "storage_full",
)

# Voice files, which the operator installs

MAX_ONNX_BYTES = Limit("max_onnx_bytes", 600 * MIB, "bytes", Scope.REQUEST, "Size of a Piper voice.", "voice_too_large")
MAX_WEIGHTS_BYTES = Limit(
    "max_weights_bytes", 2048 * MIB, "bytes", Scope.REQUEST, "Size of a Coqui checkpoint.", "voice_too_large"
)
MAX_VOICE_JSON_BYTES = Limit(
    "max_voice_json_bytes", 4 * MIB, "bytes", Scope.REQUEST, "Size of a voice's configuration.", "voice_too_large"
)
MAX_VOICE_DOWNLOAD_BYTES = Limit(
    "max_voice_download_bytes", 2048 * MIB, "bytes", Scope.REQUEST, "Size of a downloaded file.", "voice_too_large"
)
MAX_ARCHIVE_MEMBERS = Limit(
    "max_archive_members", 1000, "files", Scope.REQUEST, "Files in a downloaded archive.", "voice_invalid"
)
MAX_DOWNLOAD_REDIRECTS = Limit(
    "max_download_redirects", 5, "redirects", Scope.REQUEST, "Redirects of a download.", "download_failed"
)
MAX_DOWNLOAD_ATTEMPTS = Limit(
    "max_download_attempts",
    50,
    "requests",
    Scope.REQUEST,
    "Requests for one file: each interrupted request is continued by another; 5 without progress end the download.",
    "download_failed",
)
DOWNLOAD_IDLE_S = Limit(
    "download_idle_s", 30.0, "s", Scope.REQUEST, "Time that a download waits for the next bytes.", "download_failed"
)
CATALOG_MAX_AGE_S = Limit(
    "catalog_max_age_s", 86_400, "s", Scope.PROCESS, "Age of a cached voice catalog that is not downloaded again."
)
CATALOG_TIMEOUT_S = Limit(
    "catalog_timeout_s", 20.0, "s", Scope.REQUEST, "Time in which a voice catalog must be complete.", "download_failed"
)
MAX_QUEUED_INSTALLATIONS = Limit(
    "max_queued_installations",
    5,
    "voices",
    Scope.PROCESS,
    "Voices that the admin is installing or has queued.",
    "installations_full",
)
PARTIAL_DOWNLOAD_S = Limit(
    "partial_download_s", 604_800, "s", Scope.PROCESS, "Age at which an unfinished download is deleted."
)

# Sign-in

SIGN_INS_PER_ADDRESS = Limit(
    "sign_ins_per_address", 50, "failures", Scope.ADDRESS, "Failed passwords in 15 minutes.", "429"
)
SIGN_INS_PER_NAME_AND_ADDRESS = Limit(
    "sign_ins_per_name_and_address",
    10,
    "failures",
    Scope.NAME,
    "Failed passwords in 15 minutes from one address.",
    "429",
)
SIGN_INS_PER_NAME = Limit(
    "sign_ins_per_name", 30, "failures", Scope.NAME, "Failed passwords in 15 minutes from all addresses.", "429"
)
SIGN_INS_PER_KNOWN_BROWSER = Limit(
    "sign_ins_per_known_browser",
    10,
    "failures",
    Scope.BROWSER,
    "Failed passwords in 15 minutes for one account, from a browser that has signed in before; "
    "replaces the three above.",
    "429",
)
PASSWORD_CONFIRMATIONS = Limit(
    "password_confirmations",
    10,
    "failures",
    Scope.ACCOUNT,
    "Failed passwords in 15 minutes where a signed-in user must enter the password again.",
    "429",
)
SIGN_UPS_PER_ADDRESS = Limit(
    "sign_ups_per_address", 20, "attempts", Scope.ADDRESS, "Sign-up attempts in 15 minutes.", "429"
)
MAX_PASSWORD_LENGTH = Limit("max_password_length", 4096, "characters", Scope.REQUEST, "Length of a password.", "400")
SENT_TEXTS = Limit(
    "sent_texts",
    100,
    "texts",
    Scope.ACCOUNT,
    "Texts of programs (`/v1/terminal/say`) that no tab has spoken yet.",
    "sent_texts_full",
)
SENT_TEXT_HOURS = Limit(
    "sent_text_hours", 24, "hours", Scope.TEXT, "Time that a text of a program waits for an open tab."
)
MAX_TOKENS = Limit("max_tokens", 50, "tokens", Scope.ACCOUNT, "Access tokens of one account.", "400")


LIMITS: tuple[Limit[int] | Limit[float], ...] = tuple(value for value in globals().values() if isinstance(value, Limit))
"""All limits, in the order of their declaration."""
