/** `<zx-toasts>`: short notices at the foot of the page; problems stay until one has had time to read. */

import { html, LitElement, repeat } from "../vendor/lit.js";

const GOOD_MS = 2_000;
const BAD_MS = 8_000;
const MOST = 4;

class Toasts extends LitElement {
  static properties = { notices: { state: true } };

  #count = 0;

  constructor() {
    super();
    this.notices = [];
  }

  createRenderRoot() {
    return this;
  }

  add(text, { isGood = false } = {}) {
    const key = (this.#count += 1);
    this.notices = [...this.notices.filter((one) => one.text !== text), { key, text, isGood }].slice(-MOST);
    setTimeout(
      () => (this.notices = this.notices.filter((one) => one.key !== key)),
      isGood ? GOOD_MS : BAD_MS,
    );
  }

  render() {
    return html`<div class="toasts" role="status">${repeat(
      this.notices,
      (one) => one.key,
      (one) => html`<p class="toast ${one.isGood ? "good" : ""}">${one.text}</p>`,
    )}</div>`;
  }
}

customElements.define("zx-toasts", Toasts);
