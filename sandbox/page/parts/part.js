/**
 * What all parts share: they draw into the page itself (so that styles and labels are the page's),
 * know the client, and draw again when one of the topics that they name has changed.
 *
 * A reactive property gets its first value in the constructor: as a class field it would hide the
 * accessor, and changes would not be drawn.
 */

import { LitElement } from "../vendor/lit.js";

export class Part extends LitElement {
  static properties = { client: { attribute: false } };

  #watched = "";
  #unwatch = [];

  createRenderRoot() {
    return this;
  }

  /** The topics on which this part depends; may change from one drawing to the next. */
  topics() {
    return [];
  }

  updated() {
    const topics = this.client ? this.topics() : [];
    if (topics.join() === this.#watched) return;
    this.#stop();
    this.#watched = topics.join();
    this.#unwatch = topics.map((topic) => this.client.topics.watch(topic, this.#changed));
  }

  connectedCallback() {
    super.connectedCallback();
    if (this.hasUpdated) this.requestUpdate();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#stop();
  }

  #changed = () => this.requestUpdate();

  #stop() {
    for (const end of this.#unwatch) end();
    this.#unwatch = [];
    this.#watched = "";
  }
}
