/** Draws message components: the classic rows and Components V2, by Discord's type numbers. */

import { html, nothing } from "../vendor/lit.js";
import { icons } from "./icons.js";
import { link, markdown } from "./markdown-view.js";
import { fileCard, ownPath, picture } from "./media.js";
import "./select.js";

const LINK = 5;
const PREMIUM = 6;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" };

/** `view` is `{client, guildId, channel, message, busy}`; `busy` is the custom_id just used. */
export const components = (list, view) => list.map((one) => component(one, view));

/** The pictures of a tree of components, in their order, as the viewer takes them. */
export function picturesIn(list) {
  return list.flatMap((one) => {
    if (one.type === 12) return one.items.map(pictureOfItem);
    return picturesIn([...(one.components ?? []), ...(one.accessory ? [one.accessory] : [])]);
  });
}

function component(one, view) {
  switch (one.type) {
    case 1:
      return html`<div class="row-of">${components(one.components, view)}</div>`;
    case 2:
      return button(one, view);
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
      return select(one, view);
    case 9:
      return section(one, view);
    case 10:
      return markdown(one.content, view);
    case 11:
      return thumbnail(one, view);
    case 12:
      return gallery(one, view);
    case 13:
      return file(one);
    case 14:
      return separator(one);
    case 17:
      return container(one, view);
    default:
      return html`<p class="small">Component of type ${one.type}, not shown here.</p>`;
  }
}

function button(one, view) {
  const content = html`${one.emoji ? html`<span class="emoji">${one.emoji.name}</span>` : nothing}${one.label}`;
  if (one.style === LINK) return link(one.url, html`${content} ${icons.open()}`, view, "button link");
  if (one.style === PREMIUM)
    return html`<button type="button" class="button premium" disabled>Unlock</button>`;
  const isBusy = view.busy === one.custom_id;
  const press = () => view.client.acts.use(view.channel, view.message, one);
  return html`<button type="button" class="button ${STYLES[one.style]}" ?disabled=${one.disabled}
    aria-busy=${isBusy ? "true" : nothing}
    aria-label=${one.label || one.emoji?.name || "Button"}
      @click=${isBusy ? null : press}>${isBusy ? dots() : content}</button>`;
}

function select(one, view) {
  const choose = (event) => view.client.acts.use(view.channel, view.message, one, event.detail);
  return html`<zx-select .client=${view.client} .component=${one} .guildId=${view.guildId}
    ?busy=${view.busy === one.custom_id} @choose=${choose}></zx-select>`;
}

function section(one, view) {
  return html`<div class="section"><div class="section-texts">${components(one.components, view)}</div>
    <div class="accessory">${component(one.accessory, view)}</div></div>`;
}

function thumbnail(one, view) {
  const shown = pictureOfItem(one);
  return picture(shown, [shown], view.client, "thumbnail");
}

function gallery(one, view) {
  const all = view.pictures;
  const items = one.items.map((item) => {
    const shown = pictureOfItem(item);
    const place = all.findIndex((each) => each.url === shown.url);
    return picture(place < 0 ? shown : all[place], place < 0 ? [shown] : all, view.client);
  });
  return html`<div class="gallery of-${items.length}">${items}</div>`;
}

function file(one) {
  const { url } = one.file;
  const path = ownPath(url);
  const name = one.name ?? one.file.name ?? decodeURIComponent((path ?? url).split("?")[0].split("/").at(-1));
  return fileCard({ name, size: one.size ?? one.file.size, url });
}

function separator(one) {
  return html`<div class="separator ${one.spacing === 2 ? "wide" : ""} ${one.divider ? "ruled" : ""}"
    aria-hidden="true"></div>`;
}

function container(one, view) {
  const colour =
    one.accent_color == null ? "" : `--accent:#${one.accent_color.toString(16).padStart(6, "0")}`;
  const content = components(one.components, view);
  if (one.spoiler)
    return html`<details class="container veiled"
      .style=${colour}><summary>Spoiler, press to see it</summary>${content}</details>`;
  return html`<div class="container ${colour ? "accented" : ""}" .style=${colour}>${content}</div>`;
}

function pictureOfItem(item) {
  const { url, width, height, name } = item.media;
  return { url, width, height, name, alt: item.description, spoiler: item.spoiler };
}

export function dots() {
  return html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>`;
}
