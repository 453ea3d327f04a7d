/** `<zx-thread-chip>`: the way from a message into its thread, with the number of messages there. */

import { html, nothing } from "../vendor/lit.js";
import { icons } from "./icons.js";
import { Part } from "./part.js";

class ThreadChip extends Part {
  static properties = { threadId: { attribute: false } };

  topics() {
    return [`thread:${this.threadId}`];
  }

  render() {
    const thread = this.client.world.channels.get(this.threadId);
    if (!thread) return nothing;
    const count = thread.message_count ?? 0;
    return html`<button type="button" class="thread-chip" @click=${() => this.client.open(thread.id)}>
      ${icons.thread()}<strong>${thread.name}</strong>
      <span class="count">${count === 1 ? "1 message" : `${count} messages`} ›</span></button>`;
  }
}

customElements.define("zx-thread-chip", ThreadChip);
