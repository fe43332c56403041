/** Types that several of the page's scripts share. The scripts name them in JSDoc; nothing is built from this file. */

type Scheme = "dark" | "light";
type Mode = "system" | Scheme;
type Colors = Record<string, string>;
interface Typography { font: string; size: number; lineHeight: number }
interface ThemeDocument { name: string; scheme: Scheme; colors: Colors; typography: Typography }
interface Theme extends ThemeDocument { id: string; own: boolean; revision: number; provenance: string; deleted?: boolean }
/** What a tab shows, as `theme.changed` carries it. */
interface Appearance { revision: number; mode: Mode; device_only: boolean; minimum_contrast: number; dark: Theme; light: Theme }

/** What a user may choose for an utterance; null is the server's default. */
interface VoiceSettings { voice: string | null; speaker: string | null; speed: number | null }
interface Voice { id: string; name: string; language: string; speakers: string[]; sample_rate: number; default: boolean }
interface Limits { text: number; queue: number; max_buffer_ahead_s?: number }

interface ServerError { code: string; message: string; param?: string; correlation_id?: string }

// The server's messages, see docs/protocol.md.
interface SessionCreated extends VoiceSettings {
  type: "session.created"; protocol: number; voices: Voice[]; limits: Limits;
  theme?: Appearance | null; account?: string | null; device?: string | null;
}
interface SessionUpdated extends VoiceSettings { type: "session.updated" }
interface SessionNotice { type: "session.changed" | "session.pong" }
interface SpeechNotice { type: "speech.queued" | "speech.cancelled" | "speech.paused" | "speech.resumed"; id: number }
interface SpeechWaiting { type: "speech.waiting"; id: number; position: number; wait_s: number }
interface SpeechStarted { type: "speech.started"; id: number; sample_rate: number; resume: string | null }
interface SpeechWords { type: "speech.words"; id: number; words: unknown; total: number; exact: boolean }
interface SpeechDone { type: "speech.done"; id: number; samples: number }
interface SayCreated {
  type: "say.created"; id: string; sender: string; title: string | null; text: string; voice: string | null; speed: number | null;
}
interface SayCancelled { type: "say.cancelled"; id: string }
interface ThemeChanged extends Appearance { type: "theme.changed" }
interface ThemeSaved { type: "theme.saved"; request_id: number; revision: number }
interface ThemeListed { type: "theme.listed"; themes: Theme[]; last: boolean }
interface ErrorMessage extends ServerError { type: "error"; id?: number; request_id?: number; retry_after?: number }
type SpeechMessage = SpeechNotice | SpeechWaiting | SpeechStarted | SpeechWords | SpeechDone | ErrorMessage;
type ServerMessage = SessionCreated | SessionUpdated | SessionNotice | SpeechMessage | SayCreated | SayCancelled | ThemeChanged | ThemeSaved | ThemeListed;

/** A heading of a document, and the character at which it begins. */
interface OutlineEntry { title: string; level: number; offset: number }
interface AudioFrame { id: number; sequence: number; index: number; samples: Int16Array }

/** Sends a message, and returns whether it was sent. */
type Send = (type: string, fields?: object) => boolean;
/** Has a function called in the next frame. */
type Frame = (draw: () => void) => void;
type MessageKind = "" | "error" | "notice";
/** Shows a message; `undo` undoes what it reports and resolves with the id of the theme that is back. */
type Notify = (text: string, kind?: MessageKind, undo?: (() => Promise<string>) | null) => void;

/** The fields of a `theme.*` request; a color that is null is reset. */
interface ChangeFields {
  id?: string; theme?: ThemeDocument; source?: string; name?: string; activate?: boolean; scheme?: Scheme;
  colors?: Record<string, string | null>; typography?: Partial<Typography>; revision?: number;
  mode?: Mode; dark?: string; light?: string; minimum_contrast?: number; device_only?: boolean;
}
interface ChangeRequest { type: string; fields: ChangeFields }
/** A request of this tab that the server's state does not have yet; `saved` is the revision that has it. */
interface ThemeChange extends ChangeRequest { number: number; sent: boolean; resent: boolean; saved: number | null }

interface ThemeState {
  /** The newest state that the server sent. */
  readonly server: Appearance | null;
  /** `server` with the changes of this tab. */
  readonly current: Appearance | null;
  /** The user name, where the browser is signed in. */
  readonly account: string | null;
  /** The token of a browser without cookies. */
  readonly device: string | null;
  /** The snapshot of a session that the server does not recognize, until the device is resumed. */
  readonly unknownSession: { theme: Appearance | null; device: string } | null;
  /** The theme that is shown without being selected. */
  readonly preview: ThemeDocument | null;
  readonly prefersDark: boolean;
  /** The requests of this tab that `server` does not have yet, in order. */
  readonly changes: ThemeChange[];
  /** The themes of the newest list, by id. */
  readonly known: ReadonlyMap<string, Theme>;
  /** All themes that can be chosen, in order, with the changes of this tab. */
  readonly themes: Theme[];
  /** Whether `known` is up to date. */
  readonly listed: boolean;
  /** The parts of a list that is arriving. */
  readonly listing: Theme[] | null;
}
type ThemeAction =
  | ServerMessage
  | { type: "theme.previewed"; theme: ThemeDocument | null }
  | { type: "system.changed"; prefersDark: boolean }
  | { type: "change.requested"; number: number; request: ChangeRequest }
  | { type: "change.sent"; number: number }
  | { type: "list.requested" | "list.abandoned" | "list.outdated" | "reducer.added" };
type ThemeReducer = (state: ThemeState, action: ThemeAction) => ThemeState;
type ThemeListener = (state: ThemeState, before: ThemeState, action: ThemeAction) => void;

interface ThemeToken { name: string; group: string; label: string; against: string[]; contrast: number }
interface ThemeFormat { name: string; label: string; readable: boolean; writable: boolean }
/** What `/themes/tokens.json` lists. */
interface ImportedTheme { theme: ThemeDocument; format: string; failing: ContrastPair[]; scheme: string; schemes: string[]; summary: string }
interface ThemeFacts { tokens: ThemeToken[]; formats: ThemeFormat[]; fonts: { name: string; stack: string }[]; sizes: [number, number]; line_heights: [number, number] }
interface ContrastPair { token: string; ground: string; ratio: number; required: number; passes: boolean }

/** An entry of the palette; `found`: it matches the search text, whatever its label is. */
interface PaletteEntry { label: string; keys: string; found?: boolean; run: () => void }

type ThemeStoreType = import("../static/js/themes/state/theme-store.js").ThemeStore;
/** What the page gives to the theme modules. */
interface ThemePage { store: ThemeStoreType; send: Send; status: { hint(text: string, kind?: MessageKind): void }; frame: Frame }
/** What the theme dialog and the editor share. */
interface ThemeParts {
  store: ThemeStoreType; frame: Frame; notify: Notify; load: () => Promise<boolean>;
  changes: import("../static/js/themes/state/pending-changes.js").PendingChanges;
  operations: import("../static/js/themes/state/theme-operations.js").ThemeOperations;
}
/** What `/theme` commands act on. */
interface ThemeCommandTarget {
  store: { state: ThemeState }; notify: Notify; list: { load(): Promise<boolean> };
  changes: { set(fields: ChangeFields): unknown }; operations: { select(theme: Theme): void };
  dialog: { open(view?: "list" | "import"): Promise<void> }; openEditor(): Promise<void>;
}

type UtteranceState = "queued" | "processing" | "speaking" | "paused" | "done" | "stopped" | "error";
/** Samples that are scheduled: `from` counts in the owner's utterance, `at` on the timeline. */
interface Piece<Owner> { owner: Owner; from: number; length: number; at: number }
interface ConnectionDeps {
  socket(url: string): WebSocket; now(): number; backoff: import("../static/js/backoff.js").Backoff;
  setTimeout(work: () => void, ms: number): unknown; clearTimeout(timer: unknown): void;
  newCorrelationId(): string;
}
/** Known arguments of commands, by command. */
type CommandChoices = Record<string, string[] | ((argument: string) => string[])>;

/** What `/voices/list.json` lists of an installed voice. */
interface ListedVoice extends Voice { license: string; size_bytes: number; times_real_time: number | null }
/** The user's favorites, and default voices by primary language. */
interface VoiceChoices { favorites: string[]; defaults: Record<string, string> }
/** A voice of the public catalogs. */
interface CatalogVoice {
  id: string; name: string; title: string; language: string; language_name: string; native_name: string; country: string;
  quality: string | null; speakers: number | null; size_bytes: number | null; license: string | null; installed: boolean;
}
interface Catalog { voices: CatalogVoice[]; age: string | null; place: string; warnings: string[]; csrf_token: string }
interface Installation {
  id: number; name: string; state: string; step: string; percent: number | null; message: string; active: boolean; stopping: boolean;
}

/** A written word and how it is read; `start` and `end` are in code points. */
interface ExplainedWord { start: number; end: number; class: string; spoken: string; punctuation: string; segment_end: boolean; phonemes?: string }
interface Explanation { words: ExplainedWord[]; phonemes: string; language: string }
/** An entry of the account's pronunciation dictionary. */
interface Pronunciation {
  id: number; phrase: string; respelling: string; ipa: string; language: string; voice: string; case_sensitive: boolean; whole_word: boolean;
}
