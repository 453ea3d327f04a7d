/**
 * Where one is and as whom, kept in the address, so that two windows can show two members:
 *
 *     #/GUILD/CHANNEL/THREAD?as=USER&lang=LOCALE
 *
 * `@me` in the guild's place means direct messages.
 */

import { LOCALES } from "./locales.js";

export const DIRECT = "@me";

const SPOKEN_LOCALES = ["en-US", "de", "es-ES", "fr", "ja", "ko", "pt-BR", "zh-CN", "zh-TW"];

/** Reads the address; missing parts are null, the language is the browser's. */
export function readPlace(hash = location.hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split("?");
  const [, guild, channel, thread] = path.split("/");
  const given = new URLSearchParams(query);
  return {
    guild: guild || null,
    channel: channel || null,
    thread: thread || null,
    viewer: given.get("as"),
    locale: LOCALES.some(([code]) => code === given.get("lang")) ? given.get("lang") : browserLocale(),
  };
}

export function placeHash({ guild, channel, thread, viewer, locale }) {
  const path = [guild, channel, thread].filter(Boolean).join("/");
  const given = new URLSearchParams();
  if (viewer) given.set("as", viewer);
  if (locale) given.set("lang", locale);
  return `#/${path}?${given}`;
}

/** `https://discord.com/channels/G/C/M` and the like, as parts; null for other addresses. */
export function jumpTarget(href) {
  const found = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/(\d+|@me)\/(\d+)(?:\/(\d+))?\/?$/.exec(href);
  return found && { guild: found[1], channel: found[2], message: found[3] ?? null };
}

function browserLocale() {
  const wanted = navigator.languages ?? [navigator.language];
  for (const each of wanted) {
    const exact = SPOKEN_LOCALES.find((one) => one === each);
    const near = SPOKEN_LOCALES.find((one) => one.split("-")[0] === each.split("-")[0]);
    if (exact ?? near) return exact ?? near;
  }
  return "en-US";
}
