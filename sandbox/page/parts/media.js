/** Pictures and files of messages. Only what lies on this server is ever fetched. */

import { html, nothing, repeat } from "../vendor/lit.js";
import { icons } from "./icons.js";

/** The path of a file on this server, null for any other address. */
export function ownPath(url) {
  const address = URL.canParse(url) ? new URL(url) : null;
  const isOwn = address && ["127.0.0.1", "localhost", "[::1]"].includes(address.hostname);
  return isOwn && address.pathname.startsWith("/cdn/") ? address.pathname + address.search : null;
}

/**
 * A picture that opens in the viewer. `picture` is `{url, width, height, alt, spoiler}`; `all` are
 * the pictures among which the viewer can leaf, but for those that are covered.
 */
export function picture(shown, all, client, look = "") {
  const path = ownPath(shown.url);
  if (!path)
    return html`<span
      class="foreign ${look}">${icons.open()} Picture of another server, not loaded: ${hostOf(shown.url)}</span>`;
  const seen = all.filter((one) => one === shown || !one.spoiler);
  const view = () => client.shell.viewPictures(seen, seen.indexOf(shown));
  const image = html`<img src=${path} alt=${shown.alt ?? ""} width=${shown.width ?? nothing}
    height=${shown.height ?? nothing}
    loading="lazy" decoding="async">`;
  if (shown.spoiler) return coveredPicture(shown, image, view, look);
  return html`<button type="button" class="picture ${look}" aria-label=${openLabel(shown)} .style=${ratio(shown)}
    @click=${view}>${image}</button>`;
}

/** An attachment outside galleries: a picture, or a file to download. */
export function attachment(one, all, client) {
  if (one.content_type?.startsWith("image/"))
    return picture(
      all.find((each) => each.id === one.id),
      all,
      client,
    );
  return fileCard({ name: one.filename, size: one.size, url: one.url });
}

export function pictureOf(one) {
  return {
    id: one.id,
    url: one.url,
    width: one.width,
    height: one.height,
    alt: one.description,
    name: one.filename,
    spoiler: Boolean((one.flags ?? 0) & (1 << 3)) || one.filename?.startsWith("SPOILER_"),
  };
}

export function fileCard({ name, size, url }) {
  const path = ownPath(url ?? "");
  const label = html`<span class="file-name">${name ?? "file"}</span><span class="file-size">${sizeText(size)}</span>`;
  return html`<div class="file-card">${icons.file()}
    ${path ? html`<a href=${path} download=${name ?? ""}>${label}</a>` : label}</div>`;
}

export function sizeText(bytes) {
  if (bytes == null) return "";
  if (bytes < 1024) return `${bytes} bytes`;
  const kib = bytes / 1024;
  return kib < 1024 ? `${kib.toFixed(1)} KB` : `${(kib / 1024).toFixed(2)} MB`;
}

function coveredPicture(shown, image, view, look) {
  const press = (event) => {
    const cover = event.currentTarget;
    if (cover.classList.contains("revealed")) view();
    cover.classList.add("revealed");
    cover.setAttribute("aria-label", "Spoiler, open the picture");
  };
  const covered = html`<button type="button" class="picture covered ${look}"
    aria-label="Spoiler, press to see it" .style=${ratio(shown)} @click=${press}>
    ${image}<span class="cover" aria-hidden="true">Spoiler</span></button>`;
  // Another picture in the same place is covered anew.
  const file = ownPath(shown.url).split("?")[0];
  return html`${repeat(
    [file],
    (one) => one,
    () => covered,
  )}`;
}

const openLabel = ({ alt }) =>
  alt ? `Open the picture: ${alt}` : "Open the picture, which has no description";

/** Keeps the place free before the picture is there, so that nothing jumps. */
const ratio = ({ width, height }) => (width && height ? `--ratio:${width}/${height};--width:${width}px` : "");

const hostOf = (url) => (URL.canParse(url) ? new URL(url).host : "unknown");
