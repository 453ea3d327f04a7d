/** `<zx-menu>`: the one menu of the page; arrows move, Enter chooses, Escape closes and goes back. */

import { html, LitElement, nothing } from "../vendor/lit.js";

class Menu extends LitElement {
  static properties = { items: { state: true } };

  constructor() {
    super();
    this.items = [];
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.setAttribute("popover", "auto");
    this.addEventListener("toggle", (event) => event.newState === "closed" && this.#closed());
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Opens under `anchor`, or where the pointer asked for it. */
  async open(items, anchor, event) {
    this.items = items;
    this.anchor = anchor;
    await this.updateComplete;
    this.showPopover();
    this.#place(anchor, event);
    this.#buttons[0]?.focus();
  }

  render() {
    return html`<div role="menu" aria-label="Actions">${this.items.map((item) =>
      item.label
        ? this.#item(item)
        : html`<p class="menu-heading" role="presentation">${item.heading}
        ${item.note ? html`<small>${item.note}</small>` : nothing}</p>`,
    )}</div>`;
  }

  get #buttons() {
    return [...this.querySelectorAll("[role^=menuitem]")];
  }

  #item(item) {
    const isChoice = item.checked !== undefined;
    return html`<button type="button" role=${isChoice ? "menuitemradio" : "menuitem"} tabindex="-1"
      class=${item.danger ? "danger" : ""}
      aria-checked=${isChoice ? String(item.checked) : nothing} @click=${() => this.#run(item)}>
      ${item.label}${item.note ? html`<small>${item.note}</small>` : nothing}</button>`;
  }

  #run(item) {
    this.hidePopover();
    item.run();
  }

  #key(event) {
    const buttons = this.#buttons;
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      buttons[(to + buttons.length) % buttons.length].focus();
    } else if (event.key === "Tab") {
      event.preventDefault();
      this.hidePopover();
    }
  }

  #place(anchor, event) {
    const box = anchor.getBoundingClientRect();
    const isPointed = event?.type === "contextmenu" && event.clientX > 0;
    const [x, y] = isPointed ? [event.clientX, event.clientY] : [box.left, box.bottom + 4];
    const { offsetWidth: width, offsetHeight: height } = this;
    const isBelow = y + height < innerHeight - 8;
    const above = isPointed ? y - height : box.top - height - 4;
    this.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
    this.style.top = `${Math.max(8, isBelow ? y : above)}px`;
  }

  #closed() {
    if (this.contains(document.activeElement) || document.activeElement === document.body)
      this.anchor?.focus?.();
  }
}

customElements.define("zx-menu", Menu);
