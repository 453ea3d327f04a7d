/**
 * `<zx-timeline>`: a channel's messages. Only the last ones are drawn, older ones as one scrolls up;
 * rows off the screen cost no layout (`content-visibility`). The end stays in view if it was.
 */

import { html, nothing, repeat } from "../vendor/lit.js";
import { isSameDay, timeText } from "../model/times.js";
import { isThread } from "../model/world.js";
import { avatar } from "./avatar.js";
import { dots } from "./components.js";
import "./first-steps.js";
import { icons } from "./icons.js";
import { messageMenu } from "./menus.js";
import "./message.js";
import { Part } from "./part.js";

const DRAWN_AT_FIRST = 60;
const DRAWN_MORE = 60;
const GROUPED_WITHIN_MS = 7 * 60_000;
const NEAR_PX = 48;
const OWN_HEAD = new Set([18, 19, 20, 21, 23]);
const THREAD_CREATED = 18;
const STARTER = 21;
const EPHEMERAL = 1 << 6;

class Timeline extends Part {
  static properties = { channel: { attribute: false }, drawn: { state: true }, isAway: { state: true } };

  isAtEnd = true;
  #sizes = new ResizeObserver(() => this.#stay());

  constructor() {
    super();
    this.drawn = DRAWN_AT_FIRST;
  }

  topics() {
    return [`messages:${this.channel.id}`, "acts", "world", "place"];
  }

  willUpdate(changed) {
    if (!changed.has("channel") || changed.get("channel")?.id === this.channel.id) return;
    this.drawn = DRAWN_AT_FIRST;
    this.isAtEnd = true;
  }

  firstUpdated() {
    this.#sizes.observe(this.querySelector(".rows"));
    this.#sizes.observe(this.querySelector(".scroller"));
  }

  updated() {
    super.updated();
    this.#stay();
  }

  render() {
    const timeline = this.client.timeline(this.channel.id);
    const all = timeline.messages.filter((one) => !this.client.dismissed.has(one.id));
    const shown = all.slice(-this.drawn);
    const rows = this.#rows(shown);
    return html`
      <div class="scroller" @scroll=${this.#scrolled} @keydown=${this.#key} @reply=${this.#replyAsked} tabindex="-1">
        <div class="rows" aria-busy=${timeline.state === "ready" ? "false" : "true"}>
          ${timeline.state === "ready" && shown.length === all.length ? this.#beginning(all.length === 0) : nothing}
          <ol aria-label="Messages in ${this.channel.name ?? "the conversation"}">
            ${repeat(rows, (row) => row.key, (row) => this.#row(row))}</ol>
          ${this.client.acts.inChannel(this.channel.id).map((act) => this.#pending(act))}
        </div>
      </div>
      ${this.isAway ? html`<button type="button" class="to-end" @click=${this.#toEnd}>${icons.down()} To the newest</button>` : nothing}`;
  }

  #rows(messages) {
    const rows = [];
    let before = null;
    for (const message of messages) {
      const at = new Date(message.timestamp);
      const isNewDay = !before || !isSameDay(at, before.at);
      if (isNewDay) rows.push({ key: `day-${at.toDateString()}`, day: at });
      rows.push({ key: message.id, message, isHead: isNewDay || startsGroup(message, at, before) });
      before = { message, at };
    }
    return rows;
  }

  #row(row) {
    if (row.day) {
      return html`<li class="day"><span>${timeText(row.day, "D", this.client.place.locale)}</span></li>`;
    }
    return html`<li class="row" tabindex="-1"><zx-message .client=${this.client} .channel=${this.channel} .message=${row.message}
      .isHead=${row.isHead} .world=${this.client.world} .locale=${this.client.place.locale}
      .act=${this.client.acts.onMessage(row.message.id)}></zx-message></li>`;
  }

  #beginning(isEmpty) {
    const { channel, client } = this;
    if (!channel.guild_id) {
      const bot = client.world.users.get(client.world.botId);
      return html`<div class="beginning">${avatar(bot, { size: "large" })}<h2>${bot.username}</h2>
        <p>This is the beginning of your conversation with ${bot.username}.</p></div>`;
    }
    const sign = isThread(channel) ? icons.thread() : icons.channel();
    return html`<div class="beginning"><span class="sign">${sign}</span>
      <h2 class=${isThread(channel) ? "thread-name" : ""}>${isThread(channel) ? channel.name : `Welcome to #${channel.name}`}</h2>
      <p>${isThread(channel) ? html`A thread started by ${client.world.name(channel.owner_id, channel.guild_id)}.` : (channel.topic ?? "This is where it begins.")}</p>
      ${isEmpty ? html`<zx-first-steps .client=${client} .channel=${channel}></zx-first-steps>` : nothing}</div>`;
  }

  #pending(act) {
    const user = this.client.world.users.get(this.client.world.viewerId);
    const said = act.state === "failed"
      ? html`<p class="failure" role="alert">${act.text}
          <button type="button" class="plain" @click=${() => this.client.acts.dismiss(act.id)}>Dismiss message</button></p>`
      : html`<p class="thinking" role="status">Sending command ${dots()}</p>`;
    return html`<div class="message head pending ${act.state}" data-act=${act.id}>${avatar(user)}
      <header><span class="who author">${this.client.world.name(user.id, this.channel.guild_id)}</span></header>
      <div class="content"><p>used <span class="mention">${act.label}</span></p>${said}</div></div>`;
  }

  #scrolled = (event) => {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    this.isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.isAway = !this.isAtEnd && scrollHeight - scrollTop > clientHeight * 2;
    if (scrollTop < clientHeight) this.#drawMore(event.currentTarget);
  };

  /** Draws older messages above and keeps what one reads where it is. */
  async #drawMore(scroller) {
    if (this.isGrowing || this.drawn >= this.client.timeline(this.channel.id).messages.length) return;
    this.isGrowing = true;
    const toEnd = scroller.scrollHeight - scroller.scrollTop;
    this.drawn += DRAWN_MORE;
    await this.updateComplete;
    scroller.scrollTop = scroller.scrollHeight - toEnd;
    this.isGrowing = false;
  }

  #stay() {
    const scroller = this.querySelector(".scroller");
    if (this.isAtEnd && scroller) scroller.scrollTop = scroller.scrollHeight;
  }

  #toEnd = () => {
    this.isAtEnd = true;
    this.isAway = false;
    this.#stay();
  };

  /** Shows a message, drawing as many as that takes. */
  async pointAt(messageId) {
    const messages = this.client.timeline(this.channel.id).messages;
    const at = messages.findIndex((one) => one.id === messageId);
    if (at < 0) return false;
    this.drawn = Math.max(this.drawn, messages.length - at + 10);
    this.isAtEnd = false;
    await this.updateComplete;
    const row = this.querySelector(`[data-message="${messageId}"]`)?.closest("li");
    if (!row) return false;
    // Rows off the screen have but a guessed height; what comes into view gets its own, and moves.
    for (let frame = 0; frame < 3; frame += 1) {
      row.scrollIntoView({ block: row.offsetHeight < this.clientHeight ? "center" : "start" });
      await new Promise(requestAnimationFrame);
    }
    row.focus({ preventScroll: true });
    return true;
  }

  /** Up and down go from message to message; the menu key opens the one's menu. */
  #key = (event) => {
    const row = event.target.closest("li.row");
    if (event.target !== row) return;
    const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
    if (step) {
      event.preventDefault();
      let next = row[step];
      while (next && !next.matches(".row")) next = next[step];
      next?.focus();
    } else if (event.key === "Enter") {
      event.preventDefault(); // or it would press the menu's first item, too
      const message = row.querySelector("zx-message").message;
      messageMenu(this.client, this.channel, message, { currentTarget: row });
    }
  };

  /** The last message gets the focus, from the composer by arrow up. */
  focusLast() {
    [...this.querySelectorAll("li.row")].at(-1)?.focus();
  }

  #replyAsked = (event) => {
    this.dispatchEvent(new CustomEvent("answer", { detail: event.detail }));
  };
}

function startsGroup(message, at, before) {
  const last = before.message;
  return (
    OWN_HEAD.has(message.type) ||
    [THREAD_CREATED, STARTER].includes(last.type) ||
    message.author.id !== last.author.id ||
    (message.flags & EPHEMERAL) !== (last.flags & EPHEMERAL) ||
    at - before.at > GROUPED_WITHIN_MS
  );
}

customElements.define("zx-timeline", Timeline);
