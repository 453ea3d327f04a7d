/** `<zx-rail>`: the guilds at the left edge, direct messages on top. */

import { html, nothing } from "../vendor/lit.js";
import { DIRECT } from "../model/place.js";
import { hue, initials } from "./avatar.js";
import { icons } from "./icons.js";
import { Part } from "./part.js";

class Rail extends Part {
  topics() {
    return ["world", "place", "unread"];
  }

  render() {
    const { world } = this.client;
    return html`<nav aria-label="Servers"><ul>
      <li>${this.#button(DIRECT, "Direct messages", icons.direct(), "")}</li>
      ${world.people.map((there) => html`<li>${world.guilds.has(there.guild_id) ? this.#own(there) : this.#other(there)}</li>`)}
    </ul></nav>`;
  }

  #own({ guild_id, guild_name }) {
    return this.#button(guild_id, guild_name, initials(guild_name), `--hue:${hue(guild_id)}`);
  }

  /** The viewer is not in this one; going there means being somebody who is. */
  #other({ guild_id, guild_name, members: [first] }) {
    const label = `${guild_name}, as ${this.client.world.name(first.id, guild_id)}`;
    return html`<button type="button" class="guild other" .style=${`--hue:${hue(guild_id)}`} aria-label=${label}
      title=${label}
      @click=${() => this.client.go({ viewer: first.id, guild: guild_id })}>${initials(guild_name)}</button>`;
  }

  #button(id, name, content, style) {
    const isHere = this.client.place.guild === id;
    const isUnread =
      !isHere &&
      [...this.client.unread].some(
        (each) => (this.client.world.channels.get(each)?.guild_id ?? DIRECT) === id,
      );
    return html`<button type="button" class="guild ${isUnread ? "unread" : ""}" .style=${style}
      aria-label=${isUnread ? `${name}, unread` : name}
      title=${name} aria-current=${isHere ? "true" : nothing}
        @click=${() => this.client.go({ guild: id })}>${content}</button>`;
  }
}

customElements.define("zx-rail", Rail);
