/** `<zx-me>`: who one is, in which language, and the look of the page. */

import { html } from "../vendor/lit.js";
import { LOCALES } from "../model/locales.js";
import { avatar } from "./avatar.js";
import { icons } from "./icons.js";
import { openBeside } from "./menus.js";
import { Part } from "./part.js";

class Me extends Part {
  topics() {
    return ["world", "place"];
  }

  render() {
    const { world, place } = this.client;
    const user = world.users.get(world.viewerId);
    const name = world.name(user.id, place.guild);
    const rank = world.rank(user.id, place.guild) || "Direct messages";
    return html`
      <button type="button" class="me" aria-haspopup="menu" title="Be another member" @click=${this.#people}>
        ${avatar(user, { size: "small" })}
        <span class="me-texts"><strong><span class="sr">You are </span>${name}</strong><small>${rank}</small></span>
        ${icons.chevron()}</button>
      <label class="language"><span class="sr">Language</span>
        <select aria-label="Language" @change=${(event) => this.client.go({ locale: event.target.value })}>
          ${LOCALES.map(
            ([code, label]) => html`<option value=${code}
            ?selected=${code === place.locale}>${label}</option>`,
          )}</select></label>
      <button type="button" class="icon-button" aria-label="Light or dark" title="Light or dark"
        @click=${switchLook}>${icons.sun()}</button>`;
  }

  #people = (event) => {
    const { world, place } = this.client;
    const items = world.people.flatMap(({ guild_id, guild_name, members }) => [
      { heading: guild_name },
      ...members.map(({ id, rank }) => ({
        label: world.name(id, guild_id),
        note: rank,
        checked: id === world.viewerId,
        run: () =>
          this.client.go({ viewer: id, ...(world.member(id, place.guild) ? {} : { guild: guild_id }) }),
      })),
    ]);
    const someoneElse = world.people
      .flatMap((one) => one.members)
      .find((member) => member.id !== world.viewerId);
    items.push(
      { heading: "Two at once" },
      {
        label: "Open a second window",
        note: `as ${world.name(someoneElse.id)}`,
        run: () => openBeside(this.client, someoneElse.id),
      },
    );
    this.client.shell.openMenu(items, event.currentTarget, event);
  };
}

/** Follows the system until one chooses; remembered in this browser. */
function switchLook() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const isDark = (root.dataset.look ?? system) === "dark";
  root.dataset.look = isDark ? "light" : "dark";
  localStorage.setItem("look", root.dataset.look);
}

customElements.define("zx-me", Me);
