/** `<zx-app>`: the whole page. It owns the client, and what there is one of: menu, viewer, form, notices. */

import { html, nothing } from "../vendor/lit.js";
import { Client } from "../model/client.js";
import "./announcer.js";
import "./channels.js";
import "./conversation.js";
import "./drawer.js";
import { icons } from "./icons.js";
import "./me.js";
import "./menu.js";
import "./modal.js";
import { Part } from "./part.js";
import { previewText } from "./preview.js";
import "./rail.js";
import "./toasts.js";
import "./viewer.js";

const POINT_TRIES = 20;
const POINT_EVERY_MS = 50;

class App extends Part {
  static properties = { isListOpen: { state: true }, isDrawerOpen: { state: true } };

  constructor() {
    super();
    this.isDrawerOpen = sessionStorage.getItem("drawer") === "open";
    this.client = new Client({
      openModal: (modal, channel) => this.querySelector("zx-modal").open(modal, channel),
      report: (text, look) => this.querySelector("zx-toasts")?.add(text, look),
      announce: (message) => this.#announce(message),
      showEnd: (channelId) => this.#showEnd(channelId),
    });
    this.client.shell = {
      openMenu: (items, anchor, event) => this.querySelector("zx-menu").open(items, anchor, event),
      viewPictures: (pictures, at) => this.querySelector("zx-viewer").open(pictures, at),
    };
    this.client.pointAt = (messageId) => this.#pointAt(messageId);
    this.client.start().catch((problem) => (this.problem = problem.message));
  }

  connectedCallback() {
    this.replaceChildren(); // what stood here until the scripts were there
    super.connectedCallback();
  }

  topics() {
    return ["world", "place", "line", "bot"];
  }

  render() {
    const { client } = this;
    return html`
      ${client.world ? this.#client() : this.#starting()}
      <zx-menu></zx-menu><zx-viewer></zx-viewer><zx-modal .client=${client}></zx-modal>
      <zx-toasts></zx-toasts><zx-announcer></zx-announcer>`;
  }

  #starting() {
    return html`<main class="starting" aria-busy="true"><p>Opening the sandbox …</p></main>`;
  }

  #client() {
    const { client } = this;
    const { channel, thread } = client;
    const here = thread ?? channel;
    const where = here ? client.world.title(here) : "Direct messages";
    document.title = `${where} · ${client.world.name(client.world.viewerId)} · Zeuxis sandbox`;
    const shown = [
      this.isListOpen && "list-open",
      thread && "with-thread",
      this.isDrawerOpen && "with-drawer",
    ];
    return html`
      <div @keydown=${this.#key}
        class="page ${shown.filter(Boolean).join(" ")}">
        <div class="side">
          <zx-rail .client=${client}></zx-rail>
          <div class="list"><zx-channels .client=${client}
            @chosen=${() => (this.isListOpen = false)}></zx-channels><zx-me .client=${client}></zx-me></div>
        </div>
        ${
          this.isListOpen
            ? html`<button type="button" class="shade" aria-label="Close the list of channels"
          @click=${() => (this.isListOpen = false)}></button>`
            : nothing
        }
        <main class="middle">${this.#banner()}
          ${
            channel
              ? html`<zx-conversation class="channel-view" .client=${client} .channel=${channel}
            .actions=${this.#channelActions()}></zx-conversation>`
              : this.#nowhere()
          }</main>
        ${
          thread
            ? html`<aside class="thread" aria-label="Thread"><zx-conversation .client=${client} .channel=${thread}
          .actions=${this.#threadActions()}></zx-conversation></aside>`
            : nothing
        }
        ${this.isDrawerOpen ? html`<zx-drawer .client=${client} @closed=${this.#switchDrawer}></zx-drawer>` : nothing}
      </div>`;
  }

  #banner() {
    const { isConnected, isLate, bot } = this.client;
    if (!isConnected && isLate)
      return html`<p class="banner" role="status">The sandbox does not answer. Trying again …</p>`;
    if (!bot.is_online)
      return html`<p class="banner"
        role="status">The bot is not connected. It may be starting, or see <code>bot.log</code>.</p>`;
    return nothing;
  }

  #nowhere() {
    return html`<header class="bar">${this.#listButton()}<h1>Direct messages</h1>${this.#drawerButton()}</header>
      <p class="empty">${icons.direct()} Nobody to talk to yet: choose the bot in the list.</p>`;
  }

  #channelActions() {
    return { before: this.#listButton(), after: this.#drawerButton() };
  }

  #threadActions() {
    const close = () => this.client.go({ thread: null });
    return {
      before: html`<button type="button" class="icon-button back" aria-label="Back to the channel"
        @click=${close}>${icons.back()}</button>`,
      after: html`<button type="button" class="icon-button" aria-label="Close the thread" title="Close"
        @click=${close}>${icons.close()}</button>`,
    };
  }

  #listButton() {
    return html`<button type="button" class="icon-button to-list" aria-label="Channels and servers"
      aria-expanded=${this.isListOpen ? "true" : "false"}
      @click=${() => (this.isListOpen = !this.isListOpen)}>${icons.menu()}</button>`;
  }

  #drawerButton() {
    return html`<button type="button" class="icon-button to-drawer" aria-label="Sandbox controls"
      title="Sandbox controls"
      aria-expanded=${this.isDrawerOpen ? "true" : "false"} @click=${this.#switchDrawer}>${icons.tools()}</button>`;
  }

  #switchDrawer = () => {
    this.isDrawerOpen = !this.isDrawerOpen;
    sessionStorage.setItem("drawer", this.isDrawerOpen ? "open" : "closed");
  };

  /** Escape closes what lies over a narrow page, and gives the focus back. */
  #key = (event) => {
    if (event.key !== "Escape" || !this.isListOpen) return;
    this.isListOpen = false;
    this.querySelector(".to-list").focus();
  };

  /** Shows a message once its channel is there and filled. */
  async #pointAt(messageId) {
    for (let tries = 0; tries < POINT_TRIES; tries += 1) {
      await new Promise((done) => setTimeout(done, POINT_EVERY_MS));
      for (const conversation of this.querySelectorAll("zx-conversation")) {
        if (await conversation.pointAt(messageId)) return;
      }
    }
    this.client.report("This message is not here any more.");
  }

  #showEnd(channelId) {
    for (const timeline of this.querySelectorAll("zx-timeline")) {
      if (timeline.channel.id === channelId) timeline.toEnd();
    }
  }

  #announce(message) {
    const whom = this.client.world.name(message.author.id, message.guild_id);
    this.querySelector("zx-announcer")?.add(`${whom}: ${previewText(message, this.client)}`);
  }
}

customElements.define("zx-app", App);
