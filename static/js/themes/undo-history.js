/**
 * What was done to a theme, so that it can be undone: pairs of edits, `before` and `after`. What happens within one
 * gesture, such as a drag through a colour picker, is one step.
 */
export class UndoHistory {
  #done = [];
  #undone = [];
  #gesture = null;

  constructor(most = 200) {
    this.most = most;
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** @param {string | null} gesture edits with the same name, one after another, are one step; null: a step of its own */
  add(before, after, gesture = null) {
    this.#undone = [];
    const last = this.#done.at(-1);
    if (gesture !== null && gesture === this.#gesture && last) {
      this.#done[this.#done.length - 1] = { before: joined(before, last.before), after: joined(last.after, after) };
    } else {
      this.#done.push({ before, after });
      if (this.#done.length > this.most) this.#done.shift();
    }
    this.#gesture = gesture;
  }

  /** The gesture is over: what comes next is another step, even if it is of the same name. */
  pause() {
    this.#gesture = null;
  }

  /** @returns {object | null} the edit that takes the last step back */
  undo() {
    return this.#move(this.#done, this.#undone)?.before ?? null;
  }

  /** @returns {object | null} the edit that makes the last undone step again */
  redo() {
    return this.#move(this.#undone, this.#done)?.after ?? null;
  }

  /** The last step came to nothing. */
  drop() {
    this.#done.pop();
    this.pause();
  }

  clear() {
    this.#done = [];
    this.#undone = [];
    this.pause();
  }

  #move(from, to) {
    this.pause();
    const step = from.pop();
    if (step) to.push(step);
    return step;
  }
}

/** Two edits as one; where both name something, the later one holds. */
function joined(earlier, later) {
  const both = { ...earlier, ...later };
  for (const part of ["colours", "typography"]) {
    if (earlier[part] || later[part]) both[part] = { ...earlier[part], ...later[part] };
  }
  return both;
}

/** What `theme` has now in the places that `edit` would change. */
export function inverse(theme, edit) {
  const parts = Object.entries(edit).filter(([name]) => name !== "revision").map(([name, value]) => [name, typeof value === "object"
    ? Object.fromEntries(Object.keys(value).map((key) => [key, theme[name][key]])) : theme[name]]);
  return Object.fromEntries(parts);
}
