/** `<zx-conversation>`: a channel, thread or direct conversation: its head, its messages, its composer. */

import { html, nothing } from "../vendor/lit.js";
import { isForum } from "../model/world.js";
import { channelIcon } from "./channels.js";
import "./composer.js";
import "./forum.js";
import { Part } from "./part.js";
import "./timeline.js";

class Conversation extends Part {
  static properties = {
    channel: { attribute: false },
    actions: { attribute: false },
    replyTo: { state: true },
  };

  topics() {
    return ["world", "place", `thread:${this.channel?.id}`];
  }

  willUpdate(changed) {
    if (changed.has("channel") && changed.get("channel")?.id !== this.channel.id) this.replyTo = null;
  }

  render() {
    const channel = this.client.world.channels.get(this.channel.id) ?? this.channel;
    return html`
      <header class="bar">${this.actions?.before ?? nothing}
        <span class="bar-sign">${channelIcon(channel)}</span>
        <h1>${this.client.world.title(channel)}</h1>
        ${this.client.world.isAgeRestricted(channel) ? html`<span class="tag warn">age-restricted</span>` : nothing}
        ${channel.thread_metadata?.archived ? html`<span class="tag">archived</span>` : nothing}
        ${
          channel.topic
            ? html`<p class="topic" title=${channel.topic}>${channel.topic}</p>`
            : html`<span
          class="topic"></span>`
        }
        ${this.actions?.after ?? nothing}
      </header>
      ${
        isForum(channel)
          ? html`<zx-forum .client=${this.client}
        .channel=${channel}></zx-forum>`
          : this.#messages(channel)
      }`;
  }

  /** Shows a message if it is here. */
  async pointAt(messageId) {
    return (await this.querySelector("zx-timeline")?.pointAt(messageId)) ?? false;
  }

  #messages(channel) {
    return html`
      <zx-timeline .client=${this.client} .channel=${channel} @answer=${this.#answer}
        @begin=${this.#begin}></zx-timeline>
      <zx-composer .client=${this.client} .channel=${channel} .replyTo=${this.replyTo}
        @reply-ended=${() => (this.replyTo = null)}
        @look-up=${() => this.querySelector("zx-timeline").focusLast()}></zx-composer>`;
  }

  #begin = (event) => this.querySelector("zx-composer").begin(event.detail);

  #answer = async (event) => {
    this.replyTo = event.detail;
    await this.updateComplete;
    this.querySelector("zx-composer").focus();
  };
}

customElements.define("zx-conversation", Conversation);
