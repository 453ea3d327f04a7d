/** `<zx-drawer>`: behind the scenes: what goes on now, and everything that one can make go wrong. */

import { html, nothing } from "../vendor/lit.js";
import { get, post, put, remove } from "../model/control.js";
import { FAULTS, isOn } from "../model/faults.js";
import { instantOf } from "../model/snowflakes.js";
import { now, timeText } from "../model/times.js";
import { icons } from "./icons.js";
import { Part } from "./part.js";

const REFRESH_AT_MOST_EVERY_MS = 400;
const SPEEDS = [
  [0, "at once"],
  [0.25, "4 × faster"],
  [1, "as the real one"],
  [3, "3 × slower"],
  [10, "10 × slower"],
];
const STEPS = [
  ["1 min", 60],
  ["16 min", 960],
  ["1 h", 3600],
  ["25 h", 90_000],
  ["8 days", 691_200],
];
const KINDS = { 2: "command", 3: "component", 4: "autocomplete", 5: "form" };

class Drawer extends Part {
  static properties = { told: { state: true } };

  topics() {
    return ["world", "bot"];
  }

  connectedCallback() {
    super.connectedCallback();
    this.#refresh();
    this.unwatch = this.client.topics.watch("drawer", () => this.#refreshSoon());
    this.ticking = setInterval(() => this.requestUpdate(), 1_000);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.unwatch();
    clearInterval(this.ticking);
    clearTimeout(this.waiting);
  }

  render() {
    return html`<aside class="drawer" aria-label="Sandbox controls">
      <header class="bar"><h2>Sandbox controls</h2>
        <button type="button" class="icon-button" aria-label="Close the sandbox controls"
          @click=${() => this.dispatchEvent(new CustomEvent("closed"))}>${icons.close()}</button></header>
      <div class="drawer-body" tabindex="-1">${this.told ? this.#sections() : nothing}</div></aside>`;
  }

  #sections() {
    return [this.#now(), this.#painter(), this.#faults(), this.#line(), this.#clock(), this.#violations()];
  }

  #section(title, note, content) {
    return html`<section aria-label=${title}><h3>${title}${
      note
        ? html`<span
      class="note">${note}</span>`
        : nothing
    }</h3>${content}</section>`;
  }

  #now() {
    const { interactions } = this.told;
    const open = interactions.filter((one) => !one.settled);
    const shown = [...open, ...interactions.filter((one) => one.settled)].slice(0, 8);
    return this.#section(
      "Now",
      `${open.length} open`,
      shown.length
        ? html`<ul class="log">${shown.map((one) => this.#interaction(one))}</ul>`
        : html`<p class="none">No interactions yet. Type <code>/</code> in a channel.</p>`,
    );
  }

  #interaction(one) {
    const { world } = this.client;
    const where = world.channels.get(one.channel_id)?.name ?? "elsewhere";
    const what = one.type === 2 ? `/${one.name}` : (KINDS[one.type] ?? "act");
    const when = timeText(instantOf(one.id), "R", this.client.place.locale);
    const state = one.settled ? "settled" : one.acknowledged_how ? "at work" : "waiting";
    return html`<li><span class="state ${state.replace(" ", "-")}">${state}</span> <strong>${what}</strong>
      <span class="where">${world.name(one.user_id)} · #${where} · ${when}</span></li>`;
  }

  #painter() {
    const { painter } = this.told;
    const figures = [
      ["accepted", painter.accepted],
      ["painted", painter.generated],
      ["billed", painter.billed],
      ["downloaded", painter.downloaded],
      ["throttled", painter.throttled],
      ["peak / s", `${painter.peak_per_second} of ${painter.requests_per_second}`],
    ];
    return this.#section(
      "Z-Image",
      "the local painter",
      html`
      <dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
      <label class="line">Speed <select
        @change=${(event) => this.#do(put("/painter", { latency_scale: Number(event.target.value) }))}>
        ${speeds(painter.latency_scale).map(
          ([scale, label]) => html`<option value=${scale}
          ?selected=${scale === painter.latency_scale}>${label}</option>`,
        )}</select></label>
      ${
        painter.last.length
          ? html`<ul class="log">${painter.last.slice(0, 6).map(
              (one) => html`<li><span class="state ${one.outcome}">${one.outcome}</span>
        <span class="where">${one.size} · seed ${one.seed ?? "?"} ${one.code}</span><span
          class="prompt">${one.prompt}</span></li>`,
            )}</ul>`
          : nothing
      }`,
    );
  }

  #faults() {
    const { faults } = this.told;
    const others = faults.filter((one) => !FAULTS.some(({ fault }) => isOn(fault, [one])));
    return this.#section(
      "Faults",
      faults.length ? `${faults.length} in force` : "",
      html`
      <ul class="switches">${FAULTS.map(({ label, fault }) => this.#fault(label, fault))}</ul>
      ${others.length ? html`<p class="none">and ${others.length} set from elsewhere</p>` : nothing}
      ${
        faults.length
          ? html`<button type="button" class="button secondary"
        @click=${() => this.#do(put("/faults", []))}>Clear all</button>`
          : nothing
      }`,
    );
  }

  #fault(label, fault) {
    const on = isOn(fault, this.told.faults);
    const seen = this.told.faults.find((one) => isOn(fault, [one]));
    const rest = this.told.faults.filter((one) => one !== seen).map(({ seen: _, fired: __, ...one }) => one);
    return html`<li><label class="switch"><input type="checkbox" role="switch" .checked=${on}
      @change=${() => this.#do(put("/faults", on ? rest : [...rest, fault]))}><span>${label}</span></label>
      ${seen?.fired ? html`<span class="note">${seen.fired} ×</span>` : nothing}</li>`;
  }

  #line() {
    const { is_online, can_restart } = this.client.bot;
    return this.#section(
      "The bot's line",
      is_online ? "connected" : "not connected",
      html`<div class="buttons">
      <button type="button" class="button secondary"
        @click=${() => this.#do(post("/gateway/drop"))}>Cut the gateway</button>
      <button type="button" class="button secondary"
        @click=${() => this.#do(post("/gateway/reconnect"))}>Ask to reconnect</button>
      <button type="button" class="button secondary"
        @click=${() => this.#do(post("/gateway/invalidate", { resumable: false }))}>Invalidate the session</button>
      <button type="button" class="button secondary" ?disabled=${!can_restart}
        title=${can_restart ? nothing : "Only where `make demo` started the bot"}
        @click=${() => this.#do(post("/bot/restart"))}>Restart the bot</button></div>`,
    );
  }

  #clock() {
    return this.#section(
      "Clock",
      timeText(now(), "F", this.client.place.locale),
      html`<p class="none">Tokens, links, leases and threads expire by this clock. It only goes forward.</p>
      <div class="buttons">${STEPS.map(
        ([label, seconds]) => html`<button type="button" class="button secondary"
        @click=${() => this.#do(post("/clock/advance", { seconds }))}>+ ${label}</button>`,
      )}</div>`,
    );
  }

  #violations() {
    const { violations } = this.told;
    return this.#section(
      "Broken rules",
      String(violations.length),
      violations.length
        ? html`<ul class="log">${violations
            .slice(-8)
            .reverse()
            .map(
              (one) => html`<li><span class="state failed">${one.server}</span> <strong>${one.rule}</strong>
          <span class="where">${one.request_line}</span><span class="prompt">${one.detail}</span></li>`,
            )}</ul>
          <button type="button" class="button secondary"
            @click=${() => this.#do(remove("/violations"))}>Forget them</button>`
        : html`<p class="none">None: the bot has kept every rule of both APIs.</p>`,
    );
  }

  async #do(action) {
    await action.catch((problem) => this.client.report(problem.summary ?? problem.message));
    await this.#refresh();
  }

  #refreshSoon() {
    if (this.waiting) return;
    this.waiting = setTimeout(() => this.#refresh(), REFRESH_AT_MOST_EVERY_MS);
  }

  async #refresh() {
    this.waiting = null;
    const parts = ["interactions", "painter", "faults", "violations"];
    const answers = await Promise.all(parts.map((part) => get(`/${part}`).catch(() => null)));
    if (answers.includes(null)) return;
    this.told = Object.fromEntries(parts.map((part, at) => [part, answers[at]]));
  }
}

/** The usual speeds, and the one that is set if it is another. */
function speeds(scale) {
  const isUsual = SPEEDS.some(([each]) => each === scale);
  return isUsual ? SPEEDS : [[scale, `× ${scale}`], ...SPEEDS];
}

customElements.define("zx-drawer", Drawer);
