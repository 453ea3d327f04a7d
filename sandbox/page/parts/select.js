/**
 * `<zx-select>`: a select of a message or modal, single or multiple. Fires `choose` with the values:
 * at once where one is to be chosen, otherwise when the list closes with other values than before.
 */

import { html, nothing } from "../vendor/lit.js";
import { selectChoices } from "../model/choices.js";
import { icons } from "./icons.js";
import { Part } from "./part.js";

class Select extends Part {
  static properties = {
    component: { attribute: false },
    guildId: { attribute: false },
    busy: { type: Boolean },
    values: { state: true },
    active: { state: true },
    isOpen: { state: true },
  };

  static #count = 0;
  #id = `select-${(Select.#count += 1)}`;

  constructor() {
    super();
    this.active = 0;
  }

  willUpdate(changed) {
    if (!changed.has("component")) return;
    this.choices = selectChoices(this.component, this.client.world, this.guildId);
    this.values = this.choices.filter((one) => one.isDefault).map((one) => one.value);
  }

  render() {
    const { component, isOpen } = this;
    const chosen = this.choices.filter((one) => this.values.includes(one.value));
    const label = component.placeholder || (this.#most > 1 ? "Make selections" : "Make a selection");
    return html`
      <button type="button" class="select" role="combobox" aria-haspopup="listbox"
        aria-label=${this.getAttribute("aria-label") ?? label}
        aria-expanded=${isOpen ? "true" : "false"} aria-controls=${this.#id}
        aria-activedescendant=${isOpen ? `${this.#id}-${this.active}` : nothing}
        ?disabled=${component.disabled || this.busy} @click=${this.#toggle} @keydown=${this.#key}>
        <span class=${chosen.length ? "" : "placeholder"}>${chosen.map((one) => one.label).join(", ") || label}</span>${icons.chevron()}
      </button>
      <div class="listbox" popover="auto" id=${this.#id} role="listbox" aria-label=${label}
        aria-multiselectable=${this.#most > 1 ? "true" : "false"}
        @toggle=${this.#toggled}>${isOpen ? this.choices.map((one, at) => this.#option(one, at)) : nothing}</div>`;
  }

  get #most() {
    return this.component.max_values ?? 1;
  }

  get #list() {
    return this.querySelector(".listbox");
  }

  #option(one, at) {
    const isChosen = this.values.includes(one.value);
    return html`<div role="option" id="${this.#id}-${at}" class="option ${at === this.active ? "active" : ""}"
      aria-selected=${isChosen ? "true" : "false"}
      @pointermove=${() => (this.active = at)} @click=${() => this.#choose(at)}>
      ${one.emoji ? html`<span class="emoji">${one.emoji}</span>` : nothing}
      <span class="option-texts"><span>${one.label}</span>${one.description ? html`<small>${one.description}</small>` : nothing}</span>
      ${isChosen ? icons.check() : nothing}</div>`;
  }

  #toggle = () => {
    if (this.isOpen) this.#list.hidePopover();
    else this.#open();
  };

  async #open() {
    this.before = this.values;
    this.active = Math.max(
      0,
      this.choices.findIndex((one) => this.values.includes(one.value)),
    );
    this.isOpen = true;
    await this.updateComplete;
    const box = this.querySelector(".select").getBoundingClientRect();
    const list = this.#list;
    list.showPopover();
    list.style.width = `${box.width}px`;
    list.style.left = `${box.left}px`;
    const isBelow = box.bottom + list.offsetHeight + 8 < innerHeight;
    list.style.top = isBelow ? `${box.bottom + 4}px` : `${Math.max(8, box.top - list.offsetHeight - 4)}px`;
  }

  #toggled = (event) => {
    if (event.newState === "open") return;
    this.isOpen = false;
    if (this.#most > 1 && this.values.join() !== this.before?.join()) this.#tell();
  };

  #key = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.isOpen) this.active = (this.active + step + this.choices.length) % this.choices.length;
    else if (step) this.#open();
    else if (this.isOpen && ["Enter", " "].includes(event.key)) this.#choose(this.active);
    else return;
    event.preventDefault();
    this.querySelector(".option.active")?.scrollIntoView({ block: "nearest" });
  };

  #choose(at) {
    const { value } = this.choices[at];
    if (this.#most === 1) {
      this.values = [value];
      this.before = this.values;
      this.#list.hidePopover();
      this.#tell();
      return;
    }
    const isChosen = this.values.includes(value);
    if (!isChosen && this.values.length >= this.#most) return;
    this.values = isChosen ? this.values.filter((each) => each !== value) : [...this.values, value];
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("choose", { detail: this.values }));
  }
}

customElements.define("zx-select", Select);
