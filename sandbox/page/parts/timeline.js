/**
 * `<zx-timeline>`: a channel's messages. Only the last ones are drawn, older ones as one scrolls up;
 * rows off the screen cost no layout (`content-visibility`). The end stays in view until its member
 * scrolls up; what grows meanwhile, such as a picture that comes late, does not change that.
 */

import { guard, html, nothing, repeat } from "../vendor/lit.js";
import { compareIds } from "../model/snowflakes.js";
import { timeText } from "../model/times.js";
import { isThread } from "../model/world.js";
import { avatar } from "./avatar.js";
import { channelIcon } from "./channels.js";
import { dots } from "./components.js";
import "./first-steps.js";
import { icons } from "./icons.js";
import { messageMenu } from "./menus.js";
import "./message.js";
import { Part } from "./part.js";
import { Rows } from "./rows.js";

const DRAWN_AT_FIRST = 40;
const DRAWN_MORE = 20;
const CONTEXT = 10;
const DRAWN_AT_MOST = 240; // while one is at the end
const NEAR_PX = 48;

class Timeline extends Part {
  static properties = { channel: { attribute: false }, isAway: { state: true } };

  isAtEnd = true;
  #first = null; // the id of the oldest message drawn
  #top = 0; // where the scroller last was
  #rows = new Rows();
  #sizes = new ResizeObserver(() => this.#resized());

  topics() {
    return [`messages:${this.channel.id}`, "acts", "world", "place"];
  }

  willUpdate(changed) {
    if (!changed.has("channel") || changed.get("channel")?.id === this.channel.id) return;
    this.#first = null;
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
    const from = this.#from(all);
    if (timeline.state !== "ready") this.#first = null;
    const blocks = this.#rows.blocks(all, from, (id) => this.client.acts.onMessage(id));
    return html`
      <div class="scroller" @scroll=${this.#scrolled} @keydown=${this.#key} @reply=${this.#replyAsked} tabindex="-1">
        <div class="rows" aria-busy=${timeline.state === "ready" ? "false" : "true"}>
          ${timeline.state === "ready" && from === 0 ? this.#beginning(all.length === 0) : nothing}
          <ol aria-label="Messages in ${this.client.world.title(this.channel)}">
            ${repeat(
              blocks,
              (block) => block.key,
              ({ rows }) => this.#block(rows),
            )}</ol>
          ${this.client.acts.inChannel(this.channel.id).map((act) => this.#pending(act))}
        </div>
      </div>
      ${
        this.isAway
          ? html`<button type="button" class="to-end"
        @click=${() => this.toEnd()}>${icons.down()} To the newest</button>`
          : nothing
      }`;
  }

  /** Where drawing begins. It stays at its message, so that nothing jumps, and is cut short at the end. */
  #from(all) {
    const kept = this.#first ? all.findIndex((one) => compareIds(one.id, this.#first) >= 0) : -1;
    const isLong = this.isAtEnd && all.length - kept > DRAWN_AT_MOST;
    const from = kept < 0 || isLong ? Math.max(0, all.length - DRAWN_AT_FIRST) : kept;
    this.#first = from > 0 ? all[from].id : (all[0]?.id ?? null);
    return from;
  }

  #block(rows) {
    const { world, place } = this.client;
    const draw = () =>
      repeat(
        rows,
        (row) => row.message.id,
        (row) => this.#row(row),
      );
    return guard([...rows, this.channel, world, place.locale], draw);
  }

  #row({ message, isHead, day, act }) {
    const { client, channel } = this;
    return html`
      ${day ? html`<li class="day"><span>${timeText(day, "D", client.place.locale)}</span></li>` : nothing}
      <li class="row" tabindex="-1"><zx-message .client=${client} .channel=${channel} .message=${message}
        .isHead=${isHead}
        .world=${client.world} .locale=${client.place.locale} .act=${act}></zx-message></li>`;
  }

  #beginning(isEmpty) {
    const { channel, client } = this;
    if (!channel.guild_id) {
      const [peer] = client.world.others(channel);
      const title = client.world.title(channel);
      return html`<div class="beginning">${avatar(peer, { size: "large" })}<h2>${title}</h2>
        <p>This is the beginning of your conversation with ${title}.</p>
        ${isEmpty ? html`<zx-first-steps .client=${client} .channel=${channel}></zx-first-steps>` : nothing}</div>`;
    }
    const sign = channelIcon(channel);
    return html`<div class="beginning"><span class="sign">${sign}</span>
      ${isThread(channel) ? this.#threadBeginning() : this.#channelBeginning()}
      ${isEmpty ? html`<zx-first-steps .client=${client} .channel=${channel}></zx-first-steps>` : nothing}</div>`;
  }

  #threadBeginning() {
    const { name, owner_id, guild_id } = this.channel;
    return html`<h2 class="thread-name">${name}</h2>
      <p>A thread started by ${this.client.world.name(owner_id, guild_id)}.</p>`;
  }

  #channelBeginning() {
    return html`<h2>Welcome to #${this.channel.name}</h2>
      <p>${this.channel.topic ?? "This is where it begins."}</p>`;
  }

  #pending(act) {
    const user = this.client.world.users.get(this.client.world.viewerId);
    const said =
      act.state === "failed"
        ? html`<p class="failure" role="alert">${act.text}
          <button type="button" class="plain"
            @click=${() => this.client.acts.dismiss(act.id)}>Dismiss message</button></p>`
        : html`<p class="thinking" role="status">Sending command ${dots()}</p>`;
    return html`<div class="message head pending ${act.state}" data-act=${act.id}>${avatar(user)}
      <header><span class="who author">${this.client.world.name(user.id, this.channel.guild_id)}</span></header>
      <div class="content"><p>used <span class="mention">${act.label}</span></p>${said}</div></div>`;
  }

  #scrolled = (event) => {
    const scroller = event.currentTarget;
    this.#look(scroller);
    if (scroller.scrollTop < scroller.clientHeight) this.#drawMore(scroller);
  };

  /** Only going up leaves the end: rows may have grown between a scroll and its event. */
  #look(scroller) {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.isAtEnd = isNear || (this.isAtEnd && scrollTop >= this.#top);
    this.isAway = !this.isAtEnd && isFarUp(scroller);
    this.#top = scrollTop;
  }

  /** Draws older messages above and keeps what one reads where it is. */
  async #drawMore(scroller) {
    const messages = this.client.timeline(this.channel.id).messages;
    const at = messages.findIndex((one) => one.id === this.#first);
    if (this.isGrowing || at <= 0) return;
    this.isGrowing = true;
    const toEnd = scroller.scrollHeight - scroller.scrollTop;
    this.#first = messages[Math.max(0, at - DRAWN_MORE)].id;
    this.requestUpdate();
    await this.updateComplete;
    scroller.scrollTop = scroller.scrollHeight - toEnd;
    this.isGrowing = false;
  }

  #stay() {
    const scroller = this.querySelector(".scroller");
    if (!this.isAtEnd || !scroller) return;
    scroller.scrollTop = scroller.scrollHeight;
    this.#top = scroller.scrollTop;
  }

  #resized() {
    this.#stay();
    this.isAway = !this.isAtEnd && isFarUp(this.querySelector(".scroller"));
  }

  /** Brings the end into view, and what comes there. */
  toEnd() {
    this.isAtEnd = true;
    this.isAway = false;
    this.#stay();
  }

  /** Shows a message, drawing as many as that takes. */
  async pointAt(messageId) {
    const messages = this.client.timeline(this.channel.id).messages;
    const at = messages.findIndex((one) => one.id === messageId);
    if (at < 0 || this.#first === null) return false;
    const from = messages[Math.max(0, at - CONTEXT)].id;
    if (compareIds(from, this.#first) < 0) this.#first = from;
    this.isAtEnd = false;
    this.requestUpdate();
    await this.updateComplete;
    const row = this.querySelector(`[data-message="${messageId}"]`)?.closest("li");
    if (!row) return false;
    // Rows off the screen have but a guessed height; what comes into view gets its own, and moves.
    for (let frame = 0; frame < 3; frame += 1) {
      row.scrollIntoView({ block: row.offsetHeight < this.clientHeight ? "center" : "start" });
      await new Promise(requestAnimationFrame);
    }
    row.focus({ preventScroll: true });
    this.#look(this.querySelector(".scroller"));
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

const isFarUp = ({ scrollTop, scrollHeight, clientHeight }) => scrollHeight - scrollTop > clientHeight * 2;

customElements.define("zx-timeline", Timeline);
