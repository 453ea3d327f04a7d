/** `<zx-message>`: one message. It is drawn again only when it, or its pending button, has changed. */

import { html, nothing } from "../vendor/lit.js";
import { stampText, timeText } from "../model/times.js";
import { avatar } from "./avatar.js";
import { components, dots, picturesIn } from "./components.js";
import { embed } from "./embed.js";
import { icons } from "./icons.js";
import { markdown } from "./markdown-view.js";
import { attachment, pictureOf } from "./media.js";
import { messageMenu, userMenu } from "./menus.js";
import { Part } from "./part.js";
import { previewText } from "./preview.js";
import "./thread-chip.js";

const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const V2 = 1 << 15;
const THREAD_CREATED = 18;
const PINNED = 6;

class Message extends Part {
  static properties = {
    message: { attribute: false },
    channel: { attribute: false },
    isHead: { attribute: false },
    world: { attribute: false },
    locale: { attribute: false },
    act: { attribute: false },
  };

  render() {
    const { message } = this;
    if ([THREAD_CREATED, PINNED].includes(message.type)) return this.#notice();
    const body = html`
      ${this.isHead ? this.#head() : html`<span class="side-time" aria-hidden="true">${this.#time("t")}</span>`}
      <div class="content">${this.#content()}</div>`;
    const looks = [
      this.isHead && "head",
      message.flags & EPHEMERAL && "ephemeral",
      this.#mentionsMe && "mentions-me",
    ];
    return html`
      <article class="message ${looks.filter(Boolean).join(" ")}"
        data-message=${message.id} aria-label=${this.#label} @contextmenu=${this.#menuAt}>
        ${this.#above()}${body}${this.#toolbar()}
      </article>`;
  }

  get #view() {
    const { client, channel, message } = this;
    const all = message.flags & V2 ? picturesIn(message.components) : message.attachments.map(pictureOf);
    return {
      client,
      channel,
      message,
      guildId: channel.guild_id,
      busy: this.act?.state === "sent" ? this.act.customId : null,
      pictures: all,
    };
  }

  get #label() {
    const { author, flags } = this.message;
    const whom = this.client.world.name(author.id, this.channel.guild_id);
    return `${whom}, ${this.#time("f")}${flags & EPHEMERAL ? ", only you can see this" : ""}`;
  }

  get #mentionsMe() {
    return (
      this.message.mentions.some((user) => user.id === this.client.world.viewerId) ||
      this.message.mention_everyone
    );
  }

  #time(style) {
    return timeText(new Date(this.message.timestamp), style, this.client.place.locale);
  }

  /** What it answers: a command's use, or another message. */
  #above() {
    const { interaction_metadata: origin, referenced_message: target, type } = this.message;
    if ([20, 23].includes(type) && origin) return this.#used(origin);
    if (type !== 19) return nothing;
    if (origin?.name && !target) return this.#used(origin);
    return html`<div
      class="above">${icons.reply()}${target ? this.#replyTo(target) : html`<i>The message was deleted</i>`}</div>`;
  }

  #used(origin) {
    const name = this.message.type === 20 ? `/${origin.name}` : origin.name;
    return html`<div class="above">${icons.reply()}${avatar(origin.user, { size: "tiny" })}
      ${this.#who(origin.user)} used <span class="mention">${name}</span></div>`;
  }

  #replyTo(target) {
    return html`${avatar(target.author, { size: "tiny" })}${this.#who(target.author)}
      <button type="button" class="plain preview"
        @click=${() => this.client.pointAt(target.id)}>${previewText(target, this.client)}</button>`;
  }

  #head() {
    const { author, timestamp } = this.message;
    return html`${avatar(author)}
      <header>${this.#who(author, "author")}${author.bot ? html`<span class="tag">APP</span>` : nothing}
        <time datetime=${timestamp}>${stampText(new Date(timestamp), this.client.place.locale)}</time></header>`;
  }

  #who(user, look = "") {
    const name = this.client.world.name(user.id, this.channel.guild_id);
    const open = (event) => userMenu(this.client, this.channel, user, event);
    return html`<button type="button" class="plain who ${look}" aria-haspopup="menu" @click=${open}>${name}</button>`;
  }

  #content() {
    const { message } = this;
    if (message.flags & LOADING) return html`${this.#thinking()}${this.#foot()}`;
    const view = this.#view;
    return html`
      ${this.#starter(view)}
      ${markdown(message.content, view)}
      ${message.flags & V2 ? nothing : this.#attachments(view)}
      ${message.embeds.map((one) => embed(one, view))}
      ${components(message.components, view)}
      ${this.#edited()}${this.#reactions()}${this.#thread()}${this.#failure()}${this.#foot()}`;
  }

  #thinking() {
    const name = this.client.world.name(this.message.author.id, this.channel.guild_id);
    return html`<p class="thinking" role="status">${name} is thinking ${dots()}</p>`;
  }

  #edited() {
    const at = this.message.edited_timestamp;
    if (!at) return nothing;
    const exact = timeText(new Date(at), "F", this.client.place.locale);
    return html`<span class="edited" title=${exact}>(edited)</span>`;
  }

  #attachments(view) {
    const { attachments } = this.message;
    if (!attachments.length) return nothing;
    const pictures = attachments.filter((one) => one.content_type?.startsWith("image/"));
    const look = pictures.length > 1 ? `gallery of-${pictures.length}` : "attachments";
    return html`<div class=${look}>${attachments.map((one) => attachment(one, view.pictures, this.client))}</div>`;
  }

  /** The first message of a thread repeats the one that it was made from. */
  #starter(view) {
    if (this.message.type !== 21) return nothing;
    const { channel_id, message_id } = this.message.message_reference ?? {};
    const target = this.client.timeline(channel_id).find(message_id);
    if (!target) return html`<p><i>The message that started this thread is gone.</i></p>`;
    const inside = { ...view, message: target, pictures: picturesIn(target.components) };
    return html`${markdown(target.content, inside)}
      ${target.embeds.map((one) => embed(one, inside))}
      ${components(target.components.map(withoutControls), inside)}`;
  }

  #reactions() {
    if (!this.message.reactions?.length) return nothing;
    return html`<ul class="reactions" aria-label="Reactions">${this.message.reactions.map(
      ({
        emoji,
        count,
      }) => html`<li><button type="button" title="React too, or take it back" aria-label=${`${emoji.name}, ${count}`}
        @click=${() => this.client.react(this.message, emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name)}>
        <span class="emoji">${emoji.name}</span> ${count}</button></li>`,
    )}</ul>`;
  }

  #thread() {
    if (!this.message.thread || this.message.id === this.channel.id) return nothing;
    return html`<zx-thread-chip .client=${this.client} .threadId=${this.message.id}></zx-thread-chip>`;
  }

  #failure() {
    if (this.act?.state !== "failed") return nothing;
    return html`<p class="failure" role="alert">${this.act.text}
      <button type="button" class="plain" @click=${() => this.client.acts.dismiss(this.act.id)}>Dismiss</button></p>`;
  }

  #foot() {
    if (!(this.message.flags & EPHEMERAL)) return nothing;
    return html`<p class="foot">${icons.eye()} Only you can see this ·
      <button type="button" class="plain"
        @click=${() => this.client.dismiss(this.message)}>Dismiss message</button></p>`;
  }

  #notice() {
    const { message, client } = this;
    const said =
      message.type === PINNED
        ? "pinned a message to this channel."
        : html`started a thread: <strong>${message.content}</strong>`;
    return html`<article class="message notice" data-message=${message.id} aria-label=${this.#label}>
      ${icons.thread()}<div class="content"><p>${this.#who(message.author)} ${said} <time>${this.#time("t")}</time></p>
      ${
        message.type === THREAD_CREATED
          ? html`<zx-thread-chip .client=${client} .threadId=${message.message_reference.channel_id}></zx-thread-chip>`
          : nothing
      }</div></article>`;
  }

  #toolbar() {
    if (this.message.flags & LOADING) return nothing;
    const open = (event) => messageMenu(this.client, this.channel, this.message, event);
    return html`<div class="toolbar">
      <button type="button" class="icon-button" aria-label="Reply" title="Reply" tabindex="-1"
        @click=${this.#reply}>${icons.reply()}</button>
      <button type="button" class="icon-button" aria-label="More" title="More" aria-haspopup="menu" tabindex="-1"
        @click=${open}>${icons.more()}</button></div>`;
  }

  #reply = () => this.dispatchEvent(new CustomEvent("reply", { bubbles: true, detail: this.message }));

  #menuAt = (event) => {
    if (event.target.closest("a, img, textarea")) return;
    event.preventDefault();
    messageMenu(this.client, this.channel, this.message, event);
  };
}

/** A repeated message shows what it says; its buttons belong to the original. */
function withoutControls(one) {
  return one.components
    ? { ...one, components: one.components.filter((each) => each.type !== 1).map(withoutControls) }
    : one;
}

customElements.define("zx-message", Message);
