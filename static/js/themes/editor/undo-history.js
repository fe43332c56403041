/**
 * @typedef {{before: ChangeFields, after: ChangeFields}} Step
 */

/**
 * Stores the edits of a theme, so that they can be undone. The edits of one gesture, such as a drag in a color picker,
 * are one step.
 */
export class UndoHistory {
  /** @type {Step[]} */
  #done = [];
  /** @type {Step[]} */
  #undone = [];
  /** @type {string | null} */
  #gesture = null;

  /** @param {number} maxSteps */
  constructor(maxSteps = 200) {
    this.maxSteps = maxSteps;
  }

  /** Returns whether there is a step to undo. */
  get canUndo() {
    return this.#done.length > 0;
  }

  /** Returns whether there is a step to redo. */
  get canRedo() {
    return this.#undone.length > 0;
  }

  /**
   * Adds an edit.
   * @param {ChangeFields} before the edit that undoes it
   * @param {ChangeFields} after the edit
   * @param {string | null} gesture consecutive edits of the same gesture are one step; null: a step of its own
   */
  add(before, after, gesture = null) {
    this.#undone = [];
    const last = this.#done.at(-1);
    if (gesture !== null && gesture === this.#gesture && last) {
      this.#done[this.#done.length - 1] = { before: joined(before, last.before), after: joined(last.after, after) };
    } else {
      this.#done.push({ before, after });
      if (this.#done.length > this.maxSteps) this.#done.shift();
    }
    this.#gesture = gesture;
  }

  /** Ends the gesture: the next edit is another step, even if its gesture has the same name. */
  pause() {
    this.#gesture = null;
  }

  /** Returns the edit that undoes the last step, or null. */
  undo() {
    return this.#move(this.#done, this.#undone)?.before ?? null;
  }

  /** Returns the edit that repeats the last undone step, or null. */
  redo() {
    return this.#move(this.#undone, this.#done)?.after ?? null;
  }

  /** Removes the last step: it was refused. */
  drop() {
    this.#done.pop();
    this.pause();
  }

  /** Removes all steps. */
  clear() {
    this.#done = [];
    this.#undone = [];
    this.pause();
  }

  /** @param {Step[]} from @param {Step[]} to */
  #move(from, to) {
    this.pause();
    const step = from.pop();
    if (step) to.push(step);
    return step;
  }
}

/**
 * Merges two edits; if both have a field, the later value applies.
 * @param {ChangeFields} earlier
 * @param {ChangeFields} later
 * @returns {ChangeFields}
 */
function joined(earlier, later) {
  const both = { ...earlier, ...later };
  if (earlier.colors || later.colors) both.colors = { ...earlier.colors, ...later.colors };
  if (earlier.typography || later.typography) both.typography = { ...earlier.typography, ...later.typography };
  return both;
}

/**
 * Returns the inverse of `edit`: the current values of the fields that it changes.
 * @param {Theme} theme
 * @param {ChangeFields} edit
 * @returns {ChangeFields}
 */
export function inverse(theme, edit) {
  const { revision: _, ...named } = edit;
  return Object.fromEntries(Object.entries(named).map(([name, value]) => {
    const present = /** @type {Record<string, any>} */ (theme)[name];
    return [name, value && typeof value === "object" ? Object.fromEntries(Object.keys(value).map((key) => [key, present[key]])) : present];
  }));
}
