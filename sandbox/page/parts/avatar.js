/** Faces without pictures: initials on a colour that follows from the id; the bot has its grapes. */

import { html } from "../vendor/lit.js";
import { grapes } from "./icons.js";

export function avatar(user, { size = "" } = {}) {
  const name = user?.global_name ?? user?.username ?? "?";
  const content = user?.bot ? grapes() : initials(name);
  const style = user?.bot ? "" : `--hue:${hue(user?.id ?? "0")}`;
  return html`<span class="avatar ${size} ${user?.bot ? "bot" : ""}" .style=${style}
    aria-hidden="true">${content}</span>`;
}

/** At most two letters. */
export function initials(name) {
  const words = name.split(/\s+/u).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => [...word][0].toUpperCase())
    .join("");
}

/** Neighbouring ids get hues far apart. */
export function hue(id) {
  return Number(((BigInt(id) >> 12n) * 137n) % 360n);
}
