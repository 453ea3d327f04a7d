/** `<zx-viewer>`: a picture large, with its description; arrows leaf through a gallery. */

import { html, LitElement, nothing } from "../vendor/lit.js";
import { icons } from "./icons.js";
import { ownPath } from "./media.js";

class Viewer extends LitElement {
  static properties = { pictures: { state: true }, at: { state: true } };

  constructor() {
    super();
    Object.assign(this, { pictures: [], at: 0 });
  }

  createRenderRoot() {
    return this;
  }

  async open(pictures, at) {
    Object.assign(this, { pictures, at: Math.max(0, at) });
    await this.updateComplete;
    this.querySelector("dialog").showModal();
  }

  render() {
    const shown = this.pictures[this.at];
    if (!shown) return nothing;
    const path = ownPath(shown.url);
    return html`<dialog class="viewer" aria-label="Picture" @close=${() => (this.pictures = [])} @click=${this.#outside}
      @keydown=${this.#key}>
      <figure><img src=${path} alt=${shown.alt ?? ""} width=${shown.width ?? nothing} height=${shown.height ?? nothing}>
        <figcaption>
          <p>${
            shown.alt
              ? html`<span
            class="tag">ALT</span> ${shown.alt}`
              : html`<i>This picture has no description.</i>`
          }</p>
          <p class="viewer-foot">${shown.width ? `${shown.width} × ${shown.height}` : nothing}
            ${this.pictures.length > 1 ? html`<span>${this.at + 1} of ${this.pictures.length}</span>` : nothing}
            <a href=${path} download=${shown.name ?? ""}>Download</a></p></figcaption></figure>
      <button type="button" class="icon-button viewer-close" aria-label="Close"
        @click=${this.#close}>${icons.close()}</button></dialog>`;
  }

  #close = () => this.querySelector("dialog").close();

  #outside = (event) => event.target.matches("dialog") && this.#close();

  #key = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) this.at = (this.at + step + this.pictures.length) % this.pictures.length;
  };
}

customElements.define("zx-viewer", Viewer);
