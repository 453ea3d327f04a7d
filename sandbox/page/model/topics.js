/**
 * Tells watchers what has changed, at most once a frame: a hundred changes in one frame draw once.
 * A topic is a short text such as "world" or "messages:123".
 */
export class Topics {
  #watchers = new Map();
  #changed = new Set();
  #isDue = false;

  /** Calls `watcher` after changes of `topic`; the answer ends that. */
  watch(topic, watcher) {
    const watchers = this.#watchers.get(topic) ?? new Set();
    this.#watchers.set(topic, watchers.add(watcher));
    return () => watchers.delete(watcher);
  }

  tell(...topics) {
    for (const topic of topics) this.#changed.add(topic);
    if (this.#isDue) return;
    this.#isDue = true;
    nextFrame(() => this.#flush());
  }

  #flush() {
    this.#isDue = false;
    const due = new Set();
    for (const topic of this.#changed) {
      for (const watcher of this.#watchers.get(topic) ?? []) due.add(watcher);
    }
    this.#changed.clear();
    for (const watcher of due) watcher();
  }
}

/** A hidden page gets no frames, but its title and its data must go on. */
function nextFrame(draw) {
  if (document.hidden) setTimeout(draw, 100);
  else requestAnimationFrame(draw);
}
