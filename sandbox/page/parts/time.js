/** `<zx-time>`: an instant in the reader's language; a relative one stays true while one looks. */

import { html, LitElement } from "../vendor/lit.js";
import { timeText } from "../model/times.js";

const TICK_MS = 1_000;

class Time extends LitElement {
  static properties = { at: { attribute: false }, look: {}, locale: {} };

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.ticking = setInterval(() => this.look === "R" && this.requestUpdate(), TICK_MS);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  render() {
    const exact = timeText(this.at, "F", this.locale);
    return html`<time datetime=${this.at.toISOString()}
      title=${exact}>${timeText(this.at, this.look, this.locale)}</time>`;
  }
}

customElements.define("zx-time", Time);
