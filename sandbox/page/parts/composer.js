/**
 * `<zx-composer>`: where the member writes. A slash opens the list of commands; choosing one puts
 * its form in the place of the text. What was typed stays with its channel.
 */

import { html, live, nothing } from "../vendor/lit.js";
import { callable, matching } from "../model/commands.js";
import { may, SEND_IN_THREADS, SEND_MESSAGES, USE_COMMANDS } from "../model/permissions.js";
import { isThread } from "../model/world.js";
import { avatar } from "./avatar.js";
import "./command-form.js";
import { dots } from "./components.js";
import { icons } from "./icons.js";
import { Part } from "./part.js";

const LONGEST = 2000;
const COUNT_FROM = 1800;

class Composer extends Part {
  static properties = {
    channel: { attribute: false },
    replyTo: { attribute: false },
    text: { state: true },
    entries: { state: true },
    entry: { state: true },
    active: { state: true },
    isPickerHidden: { state: true },
  };

  #drafts = new Map();

  constructor() {
    super();
    Object.assign(this, { text: "", entries: [], active: 0 });
  }

  topics() {
    return ["commands", "world", "place", `typing:${this.channel.id}`];
  }

  willUpdate(changed) {
    const before = changed.get("channel");
    if (!changed.has("channel") || before?.id === this.channel.id) return;
    if (before) this.#drafts.set(before.id, this.text);
    this.text = this.#drafts.get(this.channel.id) ?? "";
    this.entry = null;
  }

  render() {
    const { channel, client } = this;
    const sending = isThread(channel) ? SEND_IN_THREADS : SEND_MESSAGES;
    const writes = channel.guild_id === undefined || may(channel, sending);
    if (!writes && !may(channel, USE_COMMANDS))
      return this.#closed("You do not have permission to send messages in this channel.");
    if (channel.thread_metadata?.locked) return this.#closed("This thread is locked.");
    return html`
      ${this.entry ? nothing : this.#picker()}
      ${this.replyTo ? this.#replying() : nothing}
      ${
        this.entry
          ? html`<zx-command-form .client=${client} .channel=${channel} .entry=${this.entry} @done=${this.#done}
            @refused=${this.#refused}></zx-command-form>`
          : this.#field(writes)
      }
      ${this.#typing()}`;
  }

  focus() {
    this.querySelector("textarea, input")?.focus();
  }

  #typing() {
    const names = this.client.typists
      .in(this.channel.id)
      .map((id) => this.client.world.name(id, this.channel.guild_id));
    if (!names.length) return nothing;
    return html`<p
      class="typing">${dots()} <strong>${names.join(", ")}</strong> ${names.length > 1 ? "are" : "is"} typing …</p>`;
  }

  #closed(reason) {
    return html`<p class="closed">${reason}</p>`;
  }

  #field(writes) {
    const name = this.#name;
    const hint = writes ? `Message ${name}, or / for commands` : "You can use commands here: type /";
    const matches = this.#matches;
    const isOpen = matches !== null;
    const left = LONGEST - [...this.text].length;
    return html`<div class="field-row">
      <textarea rows="1" aria-label=${`Message ${name}`} placeholder=${hint} aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls=${isOpen ? "command-list" : nothing}
        aria-activedescendant=${isOpen && matches.length ? `command-${this.active}` : nothing}
        .value=${live(this.text)} @input=${this.#typed} @keydown=${this.#key} @focus=${this.#load}></textarea>
      ${left < LONGEST - COUNT_FROM ? html`<span class="left ${left < 0 ? "over" : ""}">${left}</span>` : nothing}
      <button type="button" class="icon-button" aria-label="Commands" title="Commands"
        @click=${this.#openPicker}>${icons.add()}</button>
    </div>`;
  }

  get #name() {
    const { world } = this.client;
    const title = world.title(this.channel);
    if (!this.channel.guild_id) return world.others(this.channel).length > 1 ? title : `@${title}`;
    return isThread(this.channel) ? "this thread" : `#${this.channel.name}`;
  }

  #replying() {
    const name = this.client.world.name(this.replyTo.author.id, this.channel.guild_id);
    return html`<p class="replying">Replying to <strong>${name}</strong>
      <button type="button" class="icon-button" aria-label="Do not reply"
        @click=${this.#noReply}>${icons.close()}</button></p>`;
  }

  /** The commands to choose from, null where none is being typed. */
  get #matches() {
    const typed = /^\/([^\n]*)$/.exec(this.text);
    if (!typed || this.isPickerHidden) return null;
    return matching(this.entries, typed[1].trimEnd());
  }

  #picker() {
    const matches = this.#matches;
    if (matches === null) return nothing;
    const bot = this.client.world.users.get(this.client.world.botId);
    return html`<div class="picker">
      <p class="picker-head">${avatar(bot, { size: "tiny" })} ${bot.username}
        ${this.client.bot.is_online ? nothing : html`<span class="problem">is not connected</span>`}</p>
      ${
        matches.length
          ? nothing
          : html`<p
        class="none">${this.entries.length ? "No command of that name." : "No commands are registered here."}</p>`
      }
      <div id="command-list" role="listbox"
        aria-label="Commands">${matches.map((entry, at) => this.#command(entry, at))}</div></div>`;
  }

  #command(entry, at) {
    return html`<div role="option" id="command-${at}" class="option ${at === this.active ? "active" : ""}"
      aria-selected=${at === this.active ? "true" : "false"}
      @pointermove=${() => (this.active = at)} @pointerdown=${(event) => event.preventDefault()}
        @click=${() => this.begin(entry)}>
      <span class="command-line"><strong>/${entry.title}</strong>${entry.options.map(
        (option) => html`<code
        class=${option.required ? "required" : ""}>${option.name}</code>`,
      )}</span>
      <small>${entry.description}</small></div>`;
  }

  #load = async () => {
    const asked = this.channel;
    const commands = await this.client.commands(asked.id).catch(() => []);
    if (asked === this.channel) this.entries = callable(commands, this.client.place.locale);
  };

  #typed = (event) => {
    this.text = event.target.value;
    this.active = 0;
    this.isPickerHidden = false;
    if (this.text.startsWith("/")) this.#load().then(() => this.#chooseNamed());
  };

  /** "/imagine " chooses by itself; what follows goes into the first option. */
  #chooseNamed() {
    const typed = /^\/(\S+) (.*)$/.exec(this.text);
    const entry = typed && this.entries.find((one) => one.title === typed[1] || one.name === typed[1]);
    const isGroup = typed && this.entries.filter((one) => one.title.startsWith(`${typed[1]} `)).length > 0;
    if (entry && !isGroup) this.begin(entry);
  }

  #openPicker = () => {
    this.text = "/";
    this.isPickerHidden = false;
    this.#load();
    this.focus();
  };

  /** Puts the command's form in the place of the text. */
  begin(entry) {
    this.entry = entry;
    this.text = "";
  }

  #done = async () => {
    this.entry = null;
    await this.updateComplete;
    this.focus();
  };

  /** The sandbox saw what the form did not; the form comes back as it was. */
  #refused = async (event) => {
    const { fields, problem } = event.detail;
    const entry = event.target.entry;
    if (!Object.keys(problem.problems).length) {
      this.client.report(problem.message);
      return;
    }
    this.entry = entry;
    await this.updateComplete;
    await this.querySelector("zx-command-form").restore(fields, problem.problems);
  };

  #noReply = () => this.dispatchEvent(new CustomEvent("reply-ended"));

  #key = (event) => {
    const matches = this.#matches;
    if (matches) {
      this.#pickerKey(event, matches);
      return;
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "Escape" && this.replyTo) this.#noReply();
    else if (event.key === "ArrowUp" && !this.text) {
      event.preventDefault();
      this.dispatchEvent(new CustomEvent("look-up"));
    }
  };

  #pickerKey(event, matches) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && matches.length) this.active = (this.active + step + matches.length) % matches.length;
    else if (["Enter", "Tab"].includes(event.key) && matches[this.active]) this.begin(matches[this.active]);
    else if (event.key === "Escape") this.isPickerHidden = true;
    else if (event.key !== "Enter") return;
    event.preventDefault();
    this.updateComplete.then(() =>
      this.querySelector(".option.active")?.scrollIntoView({ block: "nearest" }),
    );
  }

  async #send() {
    const content = this.text.trim();
    if (!content || [...content].length > LONGEST) return;
    this.text = "";
    try {
      await this.client.write(this.channel, content, this.replyTo?.id);
      this.#noReply();
    } catch (problem) {
      this.text = content;
      this.client.report(problem.summary);
    }
  }
}

customElements.define("zx-composer", Composer);
