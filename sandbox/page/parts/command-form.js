/**
 * `<zx-command-form>`: a chosen slash command with its options in a row, and above it the list for the
 * option that has the focus: its description, choices, or the bot's suggestions as one types.
 *
 * Tab goes on, arrows choose, Enter takes the choice or sends, Escape closes the list and then the
 * command, Backspace in an empty optional field takes it away. Fires `done` when sent or given up.
 */

import { html, live, nothing, repeat } from "../vendor/lit.js";
import { optionChoices } from "../model/choices.js";
import { encoded, Option, readField } from "../model/commands.js";
import { localised } from "../model/locales.js";
import { Part } from "./part.js";

const SUGGEST_AFTER_MS = 150;
const EMPTY = { text: "", choice: null, file: null };

class CommandForm extends Part {
  static properties = {
    channel: { attribute: false },
    entry: { attribute: false },
    fields: { state: true },
    focused: { state: true },
    active: { state: true },
    suggestions: { state: true },
    problems: { state: true },
    isListHidden: { state: true },
  };

  #asked = 0;

  constructor() {
    super();
    Object.assign(this, { fields: new Map(), problems: {}, active: -1, suggestions: null });
  }

  willUpdate(changed) {
    if (!changed.has("entry")) return;
    const required = this.entry.options.filter((option) => option.required);
    const first = required.length ? required : this.entry.options.slice(0, 0);
    this.fields = new Map(first.map((option) => [option.name, EMPTY]));
    this.problems = {};
    this.focused = null;
  }

  firstUpdated() {
    this.#focusFirst();
  }

  render() {
    const added = this.entry.options.filter((option) => this.fields.has(option.name));
    const left = this.entry.options.filter((option) => !this.fields.has(option.name));
    return html`
      ${this.#list()}
      <form class="command-form" aria-label="Command /${this.entry.title}" @submit=${this.#submitted}
        @keydown=${this.#key}>
        <button type="submit" class="command-name" title="Send">/${this.entry.title}</button>
        ${repeat(
          added,
          (option) => option.name,
          (option) => this.#field(option),
        )}
        ${left.map(
          (
            option,
          ) => html`<button type="button" class="add-option" aria-label="Add the option ${this.#name(option)}"
          title=${this.#description(option)} @click=${() => this.#add(option)}>+ ${this.#name(option)}</button>`,
        )}
        <button type="submit" class="button primary send">Send</button>
      </form>`;
  }

  #name(option) {
    return localised(option, "name", this.client.place.locale);
  }

  #description(option) {
    return localised(option, "description", this.client.place.locale);
  }

  #field(option) {
    const problem = this.problems[option.name];
    const id = `option-${option.name}`;
    return html`<span class="field ${problem ? "wrong" : ""} ${this.focused === option.name ? "focused" : ""}">
      <label for=${id}>${this.#name(option)}</label>
      ${option.type === Option.ATTACHMENT ? this.#file(option, id) : this.#input(option, id, problem)}</span>`;
  }

  #input(option, id, problem) {
    const field = this.fields.get(option.name);
    const choices = this.#choicesOf(option);
    const isHere = this.focused === option.name && choices?.length > 0;
    return html`<span class="grow" data-text=${field.text || " "}><input id=${id} name=${option.name} type="text"
      size="1" autocomplete="off" spellcheck="false"
      role=${choices ? "combobox" : nothing} aria-expanded=${choices ? String(isHere) : nothing}
        aria-controls=${choices ? "option-list" : nothing}
      aria-activedescendant=${isHere && this.active >= 0 ? `choice-${this.active}` : nothing}
        aria-autocomplete=${choices ? "list" : nothing}
      aria-required=${option.required ? "true" : "false"} aria-invalid=${problem ? "true" : "false"}
        aria-describedby="option-help"
      inputmode=${[Option.INTEGER, Option.NUMBER].includes(option.type) ? "decimal" : nothing}
      .value=${live(field.text)} @input=${(event) => this.#typed(option, event.target.value)}
        @focus=${() => this.#enter(option)}></span>`;
  }

  #file(option, id) {
    return html`<input id=${id} name=${option.name} type="file" aria-describedby="option-help"
      aria-required=${option.required ? "true" : "false"}
      @focus=${() => this.#enter(option)} @change=${async (event) => {
        const file = event.target.files[0];
        this.#set(option, { file: file ? await encoded(file) : null });
      }}>`;
  }

  /** The list over the row; its help is there even where nothing is to be chosen. */
  #list() {
    const option = this.#option;
    if (!option) return nothing;
    const choices = this.isListHidden ? null : this.#choicesOf(option);
    const problem = this.problems[option.name];
    return html`<div class="picker options">
      <p class="option-help" id="option-help"><strong>${this.#name(option)}</strong> ${this.#description(option)}
        ${option.required ? html`<span class="tag">required</span>` : nothing}
        ${problem ? html`<span class="problem" role="alert">${problem}</span>` : nothing}</p>
      <div id="option-list" role="listbox" aria-label=${this.#name(option)}>
        ${choices?.map(
          (
            choice,
            at,
          ) => html`<div role="option" id="choice-${at}" class="option ${at === this.active ? "active" : ""}"
          aria-selected=${at === this.active ? "true" : "false"} @pointermove=${() => (this.active = at)}
          @pointerdown=${(event) => event.preventDefault()} @click=${() => this.#pick(option, choice)}>
          <span>${choice.label}</span>${choice.description ? html`<small>${choice.description}</small>` : nothing}</div>`,
        )}
      </div></div>`;
  }

  get #option() {
    return this.entry.options.find((option) => option.name === this.focused);
  }

  #choicesOf(option) {
    if (option.autocomplete) return this.focused === option.name ? (this.suggestions ?? []) : [];
    const { world, place } = this.client;
    const typed = this.fields.get(option.name)?.choice ? "" : (this.fields.get(option.name)?.text ?? "");
    return optionChoices(option, typed, { world, guildId: this.channel.guild_id, locale: place.locale });
  }

  #set(option, change) {
    this.fields = new Map(this.fields).set(option.name, {
      ...(this.fields.get(option.name) ?? EMPTY),
      ...change,
    });
    const { [option.name]: _, ...others } = this.problems;
    this.problems = others;
  }

  #enter(option) {
    if (this.focused === option.name) return;
    this.focused = option.name;
    this.active = -1;
    this.isListHidden = false;
    this.suggestions = null;
    if (option.autocomplete) this.#suggest(option, 0);
  }

  #typed(option, text) {
    const next = /(?:^|\s)([\p{L}\p{N}_-]+):$/u.exec(text);
    const named =
      next && this.entry.options.find((one) => this.#name(one) === next[1] && !this.fields.has(one.name));
    if (named) {
      this.#set(option, { text: text.slice(0, next.index), choice: null });
      this.#add(named);
      return;
    }
    this.#set(option, { text, choice: null });
    this.isListHidden = false;
    this.active = text ? 0 : -1;
    if (option.autocomplete) this.#suggest(option, SUGGEST_AFTER_MS);
  }

  /** Asks the bot; only the answer to the last question counts. */
  #suggest(option, afterMs) {
    const asked = (this.#asked += 1);
    clearTimeout(this.suggesting);
    this.suggesting = setTimeout(async () => {
      const options = { ...this.#values().values, [option.name]: this.fields.get(option.name)?.text ?? "" };
      const choices = await this.client.acts
        .suggest(this.channel, this.entry.name, options, option.name)
        .catch((problem) => {
          if (asked === this.#asked) this.problems = { ...this.problems, [option.name]: problem.message };
          return [];
        });
      if (asked === this.#asked)
        this.suggestions = choices.map((one) => ({ value: one.value, label: String(one.name) }));
    }, afterMs);
  }

  #pick(option, choice) {
    this.#set(option, { text: choice.label, choice });
    this.isListHidden = true;
    this.active = -1;
  }

  async #add(option) {
    this.#set(option, {});
    await this.updateComplete;
    this.querySelector(`[name="${option.name}"]`).focus();
  }

  async #takeAway(option) {
    const names = [...this.fields.keys()];
    const before = names[names.indexOf(option.name) - 1];
    this.fields = new Map([...this.fields].filter(([name]) => name !== option.name));
    await this.updateComplete;
    (before ? this.querySelector(`[name="${before}"]`) : this.querySelector(".command-name")).focus();
  }

  async #focusFirst() {
    await this.updateComplete;
    (this.querySelector("input") ?? this.querySelector(".send")).focus();
  }

  #key = (event) => {
    const option = event.target.matches("input") ? this.#option : null;
    const choices = option && !this.isListHidden ? (this.#choicesOf(option) ?? []) : [];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.#escape(choices);
    else if (step && choices.length) this.#step(step, choices.length);
    else if (
      option &&
      ["Enter", "Tab"].includes(event.key) &&
      !event.shiftKey &&
      this.active >= 0 &&
      choices[this.active]
    ) {
      this.#pick(option, choices[this.active]);
      if (event.key === "Tab") return;
    } else if (event.key === "Backspace" && option && !option.required && !event.target.value)
      this.#takeAway(option);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  #step(step, count) {
    this.active = this.active < 0 ? (step > 0 ? 0 : count - 1) : (this.active + step + count) % count;
    this.updateComplete.then(() =>
      this.querySelector(".option.active")?.scrollIntoView({ block: "nearest" }),
    );
  }

  #escape(choices) {
    if (choices.length) this.isListHidden = true;
    else this.dispatchEvent(new CustomEvent("done"));
  }

  #values() {
    const values = {};
    const problems = {};
    for (const option of this.entry.options) {
      const field = this.fields.get(option.name);
      if (!field) continue;
      const { value, problem } = readField(
        option,
        field,
        option.autocomplete ? null : this.#allChoices(option),
      );
      if (problem) problems[option.name] = problem;
      else if (value !== undefined) values[option.name] = value;
    }
    return { values, problems };
  }

  #allChoices(option) {
    const { world, place } = this.client;
    return optionChoices(option, "", { world, guildId: this.channel.guild_id, locale: place.locale });
  }

  #submitted = async (event) => {
    event.preventDefault();
    const { values, problems } = this.#values();
    if (Object.keys(problems).length) {
      this.#refuse(problems);
      return;
    }
    this.dispatchEvent(new CustomEvent("done"));
    try {
      await this.client.acts.command(this.channel, this.entry.name, values);
    } catch (problem) {
      this.dispatchEvent(new CustomEvent("refused", { detail: { fields: this.fields, problem } }));
    }
  };

  /** Marks what is wrong and goes to the first of it; used again when the sandbox refuses. */
  #refuse(problems) {
    this.problems = problems;
    const first = this.entry.options.find((option) => problems[option.name]);
    if (!first) return;
    this.isListHidden = true;
    this.querySelector(`[name="${first.name}"]`)?.focus();
  }

  /** Puts back what was sent, with what the sandbox said about it. */
  async restore(fields, problems) {
    await this.updateComplete;
    this.fields = fields;
    await this.updateComplete;
    this.#refuse(problems);
  }
}

customElements.define("zx-command-form", CommandForm);
