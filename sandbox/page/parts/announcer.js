/**
 * `<zx-announcer>`: tells screen readers of new messages, at most one every two seconds so that a
 * busy channel can be listened to; what came in between is told as a number.
 */

import { html, LitElement } from "../vendor/lit.js";

const EVERY_MS = 2_000;

class Announcer extends LitElement {
  static properties = { text: { state: true } };

  #waiting = [];
  #isResting = false;

  constructor() {
    super();
    this.text = "";
  }

  createRenderRoot() {
    return this;
  }

  add(text) {
    this.#waiting.push(text);
    if (!this.#isResting) this.#tell();
  }

  render() {
    return html`<div class="sr" role="log" aria-live="polite" aria-label="New messages">${this.text}</div>`;
  }

  #tell() {
    const more = this.#waiting.length - 1;
    this.text = this.#waiting.at(-1) + (more > 0 ? ` (and ${more} more)` : "");
    this.#waiting = [];
    this.#isResting = true;
    setTimeout(() => {
      this.#isResting = false;
      if (this.#waiting.length) this.#tell();
    }, EVERY_MS);
  }
}

customElements.define("zx-announcer", Announcer);
