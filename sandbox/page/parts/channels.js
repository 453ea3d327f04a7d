/** `<zx-channels>`: the guild's channels with their open threads, or the direct conversations. */

import { html, nothing } from "../vendor/lit.js";
import { DIRECT } from "../model/place.js";
import { isForum, isThread } from "../model/world.js";
import { avatar } from "./avatar.js";
import { icons } from "./icons.js";
import { Part } from "./part.js";

const NEWS = 5;
const VOICE = 2;
const FORUM = 15;
const MEDIA = 16;
const VIEW = 1n << 10n;
const NEWEST_THREADS = 6;

/** The sign before a channel's name. */
export function channelIcon(channel) {
  if (!channel.guild_id) return icons.direct();
  if (isThread(channel)) return icons.thread();
  const signs = { [NEWS]: icons.news, [VOICE]: icons.voice, [FORUM]: icons.forum, [MEDIA]: icons.forum };
  return (signs[channel.type] ?? (isHidden(channel) ? icons.locked : icons.channel))();
}

function isHidden(channel) {
  const everyone = channel.permission_overwrites?.find((one) => one.id === channel.guild_id);
  return Boolean(BigInt(everyone?.deny ?? 0) & VIEW);
}

const ageSign = () =>
  html`<span class="tag warn" aria-hidden="true">18+</span><span class="sr">age-restricted</span>`;

class Channels extends Part {
  topics() {
    return ["world", "place", "unread"];
  }

  render() {
    const { world, place } = this.client;
    const guild = world.guilds.get(place.guild);
    return html`
      <header class="bar"><h2>${guild?.name ?? "Direct messages"}</h2></header>
      ${guild && !guild.has_bot ? html`<p class="hint">The bot is not in this server.</p>` : nothing}
      <nav aria-label=${guild ? "Channels" : "Conversations"}>
        <ul class="channels">
          ${guild ? world.channelsOf(guild.id).map((channel) => this.#channel(channel)) : this.#conversations()}</ul>
      </nav>
      ${guild?.has_bot ? nothing : this.#install()}`;
  }

  #channel(channel) {
    const threads = this.#shownThreads(channel);
    return html`<li>${this.#link(channel, html`${channelIcon(channel)}<span class="name">${channel.name}</span>${
      channel.nsfw ? ageSign() : nothing
    }`)}
      ${
        threads.length && !isForum(channel)
          ? html`<ul class="threads" aria-label="Threads of ${channel.name}">
        ${threads.map(
          (thread) =>
            html`<li>${this.#link(
              thread,
              html`<span
          class="name">${thread.name}</span>`,
            )}</li>`,
        )}</ul>`
          : nothing
      }</li>`;
  }

  /** The newest, and those that want to be seen. */
  #shownThreads(channel) {
    const { world, unread, place } = this.client;
    const all = world.threadsOf(channel.id);
    return all.filter(
      (thread, at) =>
        at >= all.length - NEWEST_THREADS || unread.has(thread.id) || place.thread === thread.id,
    );
  }

  #conversations() {
    const { world } = this.client;
    const bot = world.users.get(world.botId);
    const content = html`${avatar(bot, { size: "small" })}<span class="name">${bot.username}</span>`;
    const [first] = world.conversations;
    const others = world.conversations.filter((channel) => !channel.has_bot);
    return html`<li>${
      first?.has_bot
        ? this.#link(first, content)
        : html`<button type="button" class="channel"
      @click=${() => this.client.openConversation()}>${content}</button>`
    }</li>
    ${others.map((channel) => html`<li>${this.#link(channel, this.#peers(channel))}</li>`)}`;
  }

  #peers(channel) {
    const { world } = this.client;
    const [first] = world.others(channel);
    return html`${avatar(first, { size: "small" })}<span class="name">${world.title(channel)}</span>`;
  }

  /** Where the bot is not, its commands come with the member who has installed it. */
  #install() {
    const { world } = this.client;
    const name = world.users.get(world.botId).username;
    const said = world.hasInstalled
      ? `You have installed ${name} for yourself: its commands that allow it follow you here.`
      : `${name} can be installed for yourself. Its commands that allow it then follow you everywhere.`;
    return html`<div class="install"><p>${said}</p>
      <button type="button" class="button secondary" @click=${() => this.client.switchInstall()}>${
        world.hasInstalled ? `Remove ${name}` : `Install ${name} for yourself`
      }</button></div>`;
  }

  #link(channel, content) {
    const { place, unread } = this.client;
    const isHere = (place.thread ?? place.channel) === channel.id;
    const isUnread = unread.has(channel.id) && !isHere;
    return html`<button type="button" class="channel ${isUnread ? "unread" : ""}"
      aria-current=${isHere ? "page" : nothing}
      title=${channel.name ?? nothing} @click=${() => this.#open(channel)}>${content}${
        isUnread
          ? html`<span
        class="dot"><span class="sr">unread</span></span>`
          : nothing
      }</button>`;
  }

  #open(channel) {
    if (!channel.guild_id) this.client.go({ guild: DIRECT, channel: channel.id });
    else this.client.open(channel.id);
    this.dispatchEvent(new CustomEvent("chosen"));
  }
}

customElements.define("zx-channels", Channels);
