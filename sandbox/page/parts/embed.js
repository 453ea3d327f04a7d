/** Draws an embed: the older kind of box, still what most bots send. */

import { html, nothing } from "../vendor/lit.js";
import { inlineMarkdown, link, markdown } from "./markdown-view.js";
import { picture } from "./media.js";
import "./time.js";

export function embed(one, view) {
  const colour = one.color == null ? "" : `--accent:#${one.color.toString(16).padStart(6, "0")}`;
  return html`<article class="container accented embed" .style=${colour}>
    <div class="embed-body">
      ${one.author ? html`<div class="embed-author">${linked(one.author.name, one.author.url, view)}</div>` : nothing}
      ${
        one.title
          ? html`<div
        class="embed-title">${linked(inlineMarkdown(one.title, view), one.url, view)}</div>`
          : nothing
      }
      ${markdown(one.description ?? "", view)}
      ${one.fields?.length ? fields(one.fields, view) : nothing}
      ${one.image ? framed(one.image, view) : nothing}
      ${one.footer || one.timestamp ? footer(one, view) : nothing}
    </div>
    ${one.thumbnail ? framed(one.thumbnail, view, "thumbnail") : nothing}
  </article>`;
}

function fields(list, view) {
  const drawn = list.map(
    (field) => html`<div class=${field.inline ? "inline" : ""}>
    <dt>${inlineMarkdown(field.name, view)}</dt><dd>${markdown(field.value, view)}</dd></div>`,
  );
  return html`<dl class="embed-fields">${drawn}</dl>`;
}

function framed(media, view, look) {
  const shown = { url: media.url, width: media.width, height: media.height, alt: media.description };
  return picture(shown, [shown], view.client, look);
}

function footer(one, view) {
  const at = one.timestamp
    ? html`<zx-time .at=${new Date(one.timestamp)} look="f" locale=${view.client.place.locale}></zx-time>`
    : nothing;
  const text = one.footer?.text ?? "";
  return html`<div class="embed-footer">${text}${text && one.timestamp ? " · " : ""}${at}</div>`;
}

const linked = (content, href, view) => (href ? link(href, content, view) : content);
