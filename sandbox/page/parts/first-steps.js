/** `<zx-first-steps>`: in an empty channel, the commands as buttons: nobody should have to guess. */

import { html, nothing } from "../vendor/lit.js";
import { callable } from "../model/commands.js";
import { Part } from "./part.js";

class FirstSteps extends Part {
  static properties = { channel: { attribute: false }, entries: { state: true } };

  constructor() {
    super();
    this.entries = [];
  }

  topics() {
    return ["commands", "place"];
  }

  async willUpdate() {
    const commands = await this.client.commands(this.channel.id).catch(() => []);
    const entries = callable(commands, this.client.place.locale);
    if (JSON.stringify(entries) !== JSON.stringify(this.entries)) this.entries = entries;
  }

  render() {
    if (!this.entries.length) return nothing;
    return html`<p>Try one of the bot's commands, here or by typing <code>/</code> below.</p>
      <p class="buttons">${this.entries.map(
        (entry) => html`<button type="button" class="button ${entry.options.length ? "primary" : "secondary"}"
        title=${entry.description} @click=${() => this.#begin(entry)}>/${entry.title}</button>`,
      )}</p>`;
  }

  #begin(entry) {
    this.dispatchEvent(new CustomEvent("begin", { bubbles: true, detail: entry }));
  }
}

customElements.define("zx-first-steps", FirstSteps);
