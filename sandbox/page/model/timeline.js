/**
 * One channel's messages, by id. While the history is being fetched events already come in; they are
 * newer than or equal to what the answer holds, so they win, and so do deletions.
 */

import { compareIds } from "./snowflakes.js";

export class Timeline {
  state = "absent"; // then "loading", then "ready"
  #messages = new Map();
  #gone = new Set();
  #sorted = null;

  /** The messages, oldest first. The array is new after each change. */
  get messages() {
    this.#sorted ??= [...this.#messages.values()].sort((a, b) => compareIds(a.id, b.id));
    return this.#sorted;
  }

  find(id) {
    return this.#messages.get(id);
  }

  /** Takes the history as it was fetched. */
  fill(messages) {
    for (const message of messages) {
      if (this.#gone.has(message.id) || this.#messages.has(message.id)) continue;
      this.#messages.set(message.id, message);
    }
    this.#gone.clear();
    this.#sorted = null;
    this.state = "ready";
  }

  /** Takes a new or changed message; most are the newest, which spares sorting. */
  put(message) {
    const isNew = !this.#messages.has(message.id);
    this.#messages.set(message.id, message);
    const last = this.#sorted?.at(-1);
    if (isNew && last && compareIds(last.id, message.id) < 0) this.#sorted = [...this.#sorted, message];
    else if (!isNew && this.#sorted) this.#replace(message);
    else this.#sorted = null;
  }

  /** Takes a message away; replies to it stay and say that it is gone. */
  drop(id) {
    this.#gone.add(id);
    if (!this.#messages.delete(id)) return;
    for (const message of this.#messages.values()) {
      if (message.referenced_message?.id !== id) continue;
      this.#messages.set(message.id, { ...message, referenced_message: null });
    }
    this.#sorted = null;
  }

  /** A copy, since an array that is being drawn must not change. */
  #replace(message) {
    const at = this.#sorted.findLastIndex((each) => each.id === message.id);
    this.#sorted = this.#sorted.with(at, message);
  }
}
