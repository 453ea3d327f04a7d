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
      ${[...world.guilds.values()].map((guild) => html`<li>${this.#button(guild.id, guild.name, initials(guild.name), `--hue:${hue(guild.id)}`)}</li>`)}
    </ul></nav>`;
  }

  #button(id, name, content, style) {
    const isHere = this.client.place.guild === id;
    const isUnread = !isHere && [...this.client.unread].some((each) => (this.client.world.channels.get(each)?.guild_id ?? DIRECT) === id);
    return html`<button type="button" class="guild ${isUnread ? "unread" : ""}" .style=${style} aria-label=${isUnread ? `${name}, unread` : name}
      title=${name} aria-current=${isHere ? "true" : nothing} @click=${() => this.client.go({ guild: id })}>${content}</button>`;
  }
}

customElements.define("zx-rail", Rail);
