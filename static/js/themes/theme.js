const COLOUR = /^#[0-9a-f]{6}$/;

/**
 * What the page looks like: the newest state that the server sent, drawn once a frame. What this tab changed and the
 * server has not answered yet is result over it by `changes` (themes/changes.js), which is loaded when it is first wanted.
 *
 * Everything from outside comes in through `deps`, so that tests can be that outside.
 */
export class Theme {
  /** As `theme.changed` carries it. @type {{revision: number, mode: string, here: boolean, dark: object, light: object}} */
  state = null;
  /** The name that one is signed in with. */
  account = null;
  /** What a browser without cookies hands in, to be known again after a reconnect. */
  device = null;
  /** Modules that were loaded since: each hears every message, and may be told when something was drawn. */
  followers = [];
  /** @type {PendingChanges | null} */
  changes = null;
  #preview = null;
  #unknownSession = null;
  #drawn = {};
  #planned = false;

  /**
   * @param {(type: string, fields: object) => boolean} send
   * @param {{prefersDark: () => boolean, frame: (draw: () => void) => void, paint: (name: string, value: string) => void,
   *   tell: (shown: object) => void}} deps
   */
  constructor(send, deps) {
    Object.assign(this, { send, deps });
  }

  /** The state with the changes of this tab. */
  get now() {
    return this.state && (this.changes?.over(this.state) ?? this.state);
  }

  get scheme() {
    const mode = this.now?.mode ?? "system";
    if (mode !== "system") return mode;
    return this.deps.prefersDark() ? "dark" : "light";
  }

  get shown() {
    return this.#preview ?? this.now?.[this.scheme];
  }

  /** Show a theme without choosing it; null: as it was. */
  preview(shown) {
    this.#preview = shown;
    this.redraw();
  }

  /** @returns {boolean} whether the message was about themes alone */
  receive(message) {
    const { type } = message;
    if (type === "session.created") this.#onSession(message);
    else if (type === "theme.changed") this.#onState(message);
    else if (type === "error" && message.param === "device") this.#onResumeFailed();
    else if (!type.startsWith("theme.") && message.change === undefined) return false;
    for (const follower of this.followers) follower.receive(message);
    this.redraw();
    return type !== "session.created";
  }

  redraw() {
    if (this.#planned) return;
    this.#planned = true;
    this.deps.frame(() => this.#draw());
  }

  /** A snapshot counts whatever its number, but not where it is that of somebody the server does not know again. */
  #onSession({ theme, account, device }) {
    this.account = account ?? null;
    this.#unknownSession = this.device && device ? { theme, device } : null;
    if (this.#unknownSession) this.send("theme.resume", { device: this.device });
    else Object.assign(this, { state: theme ?? null, device: device ?? null });
  }

  #onState({ type, ...state }) {
    if (!this.#unknownSession && state.revision <= this.state?.revision) return;
    this.#unknownSession = null;
    this.state = state;
  }

  #onResumeFailed() {
    if (this.#unknownSession) Object.assign(this, { state: this.#unknownSession.theme, device: this.#unknownSession.device });
    this.#unknownSession = null;
  }

  #draw() {
    this.#planned = false;
    const { shown } = this;
    if (!shown) return;
    for (const [name, value] of variables(shown)) {
      if (this.#drawn[name] === value) continue;
      this.#drawn[name] = value;
      this.deps.paint(name, value);
    }
    this.deps.tell(shown);
    for (const follower of this.followers) follower.drawn?.();
  }
}

/** A theme as CSS properties. */
function variables({ scheme, colours, typography: { font, size, lineHeight } }) {
  const coloured = Object.entries(colours).filter(([, colour]) => COLOUR.test(colour)).map(([name, colour]) =>
    [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, colour]);
  return [...coloured, ["color-scheme", scheme], ["--font", `var(--font-${font})`], ["--size", `${size}px`], ["--line", `${lineHeight}`]];
}
