/** `<zx-modal>`: a form of the bot's, with every kind of field that Discord has. */

import { html, nothing } from "../vendor/lit.js";
import { encoded } from "../model/commands.js";
import { icons } from "./icons.js";
import { markdown } from "./markdown-view.js";
import { Part } from "./part.js";
import "./select.js";

const PARAGRAPH = 2;
const LONGEST = 4000;

class Modal extends Part {
  static properties = { modal: { state: true }, problems: { state: true }, lengths: { state: true } };

  values = {};

  constructor() {
    super();
    Object.assign(this, { modal: null, problems: {}, lengths: {} });
  }

  /** Shows the form; it acts in this channel. */
  async open(modal, channel) {
    Object.assign(this, { modal, channel, problems: {}, lengths: {}, values: {} });
    await this.updateComplete;
    this.querySelector("dialog").showModal();
    this.querySelector(".modal-fields :is(input, textarea, .select)")?.focus();
  }

  render() {
    const { modal } = this;
    if (!modal) return nothing;
    return html`<dialog class="modal" aria-labelledby="modal-title" @close=${() => (this.modal = null)}>
      <form method="dialog" novalidate @submit=${this.#submit}>
        <header><h2 id="modal-title">${modal.title}</h2>
          <button type="button" class="icon-button" aria-label="Close"
            @click=${this.#close}>${icons.close()}</button></header>
        <div class="modal-fields">${modal.components.map((one) => this.#component(one))}</div>
        ${this.problems[""] ? html`<p class="problem" role="alert">${this.problems[""]}</p>` : nothing}
        <footer><button type="button" class="button plain-button" @click=${this.#close}>Cancel</button>
          <button type="submit" class="button primary">Submit</button></footer>
      </form></dialog>`;
  }

  #component(one) {
    if (one.type === 10)
      return markdown(one.content, { client: this.client, guildId: this.channel.guild_id });
    if (one.type === 18) return this.#labelled(one.component, one.label, one.description);
    return one.components.map((field) => this.#labelled(field, field.label));
  }

  #labelled(field, label, description) {
    const problem = this.problems[field.custom_id];
    const id = `field-${field.custom_id}`;
    const isGroup = field.type === 21 || field.type === 22;
    const required = field.type !== 23 && field.required !== false;
    const name = html`${label}${required ? html`<span class="star" aria-hidden="true"> *</span>` : nothing}`;
    return html`<div class="modal-field ${problem ? "wrong" : ""}" role=${isGroup ? "group" : nothing}
      aria-labelledby=${isGroup ? `${id}-label` : nothing}>
      ${
        isGroup || isSelect(field)
          ? html`<span class="label" id="${id}-label">${name}</span>`
          : html`<label
        class="label" for=${id}>${name}</label>`
      }
      ${description ? html`<small id="${id}-more">${description}</small>` : nothing}
      ${this.#field(field, id, label, required)}
      ${problem ? html`<span class="problem" role="alert" id="${id}-problem">${problem}</span>` : nothing}</div>`;
  }

  #field(field, id, label, required) {
    switch (field.type) {
      case 4:
        return this.#text(field, id, required);
      case 19:
        return html`<input type="file" id=${id} name=${field.custom_id} ?multiple=${field.max_values > 1}
          aria-required=${String(required)}>`;
      case 21:
        return this.#options(field, id, "radio");
      case 22:
        return this.#options(field, id, "checkbox");
      case 23:
        return html`<input type="checkbox" id=${id} name=${field.custom_id} ?checked=${field.default}>`;
      default:
        return html`<zx-select .client=${this.client} .component=${field} .guildId=${this.channel.guild_id}
          aria-label=${label}
        @choose=${(event) => (this.values[field.custom_id] = event.detail)}></zx-select>`;
    }
  }

  #text(field, id, required) {
    const most = field.max_length ?? LONGEST;
    const length = this.lengths[field.custom_id] ?? field.value?.length ?? 0;
    const typed = (event) =>
      (this.lengths = { ...this.lengths, [field.custom_id]: event.target.value.length });
    const described = `${id}-more ${id}-problem`;
    const input =
      field.style === PARAGRAPH
        ? html`<textarea id=${id} name=${field.custom_id} rows="4" maxlength=${most}
          placeholder=${field.placeholder ?? ""} aria-required=${String(required)}
          aria-describedby=${described} .defaultValue=${field.value ?? ""} @input=${typed}></textarea>`
        : html`<input type="text" id=${id} name=${field.custom_id} maxlength=${most}
          placeholder=${field.placeholder ?? ""} aria-required=${String(required)}
          aria-describedby=${described} .defaultValue=${field.value ?? ""} autocomplete="off" @input=${typed}>`;
    return html`${input}<span class="left" aria-hidden="true">${length} / ${most}</span>`;
  }

  #options(field, id, type) {
    return field.options.map(
      (one, at) => html`<label class="choice" for="${id}-${at}">
      <input type=${type} id="${id}-${at}" name=${field.custom_id} value=${one.value} ?checked=${one.default}>
      <span>${one.label}${one.description ? html`<small>${one.description}</small>` : nothing}</span></label>`,
    );
  }

  #close = () => this.querySelector("dialog").close();

  #submit = async (event) => {
    event.preventDefault();
    const values = await this.#values();
    try {
      await this.client.acts.submit(this.channel, this.modal.custom_id, values);
      this.#close();
    } catch (problem) {
      const known = Object.keys(values).some((name) => problem.problems?.[name]);
      this.problems = known ? problem.problems : { "": problem.summary ?? problem.message };
      await this.updateComplete;
      this.querySelector(".wrong :is(input, textarea, .select)")?.focus();
    }
  };

  /** What is filled in, by field; untouched selects send what they started with. */
  async #values() {
    const values = {};
    for (const field of this.#fields) values[field.custom_id] = await this.#value(field);
    return values;
  }

  get #fields() {
    return this.modal.components.flatMap((one) =>
      one.type === 18 ? [one.component] : (one.components ?? []),
    );
  }

  async #value(field) {
    const inputs = [...this.querySelectorAll(`[name="${CSS.escape(field.custom_id)}"]`)];
    switch (field.type) {
      case 4:
        return inputs[0].value;
      case 19:
        return Promise.all([...inputs[0].files].map(encoded));
      case 21:
        return inputs.find((one) => one.checked)?.value ?? null;
      case 22:
        return inputs.filter((one) => one.checked).map((one) => one.value);
      case 23:
        return inputs[0].checked;
      default:
        return this.values[field.custom_id] ?? startValues(field);
    }
  }
}

const isSelect = (field) => [3, 5, 6, 7, 8].includes(field.type);

function startValues(field) {
  const options = (field.options ?? []).filter((one) => one.default).map((one) => one.value);
  return [...options, ...(field.default_values ?? []).map((one) => String(one.id))];
}

customElements.define("zx-modal", Modal);
