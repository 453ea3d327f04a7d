/** Draws the tree of `model/markdown.js`. Texts only ever become text nodes, never HTML. */

import { html, nothing } from "../vendor/lit.js";
import { parse, parseInline } from "../model/markdown.js";
import { jumpTarget } from "../model/place.js";
import "./time.js";

/** A text with blocks. `view` is `{client, guildId}`. */
export function markdown(text, view) {
  return text ? html`<div class="markdown">${blocks(parse(text), view)}</div>` : nothing;
}

/** One line without blocks. */
export function inlineMarkdown(text, view) {
  return spans(parseInline(text), view);
}

const blocks = (nodes, view) => nodes.map((node) => BLOCKS[node.kind](node, view));
const spans = (nodes, view) => nodes.map((node) => SPANS[node.kind](node, view));

const BLOCKS = {
  text: (node, view) => html`<p>${spans(node.children, view)}</p>`,
  heading: (node, view) =>
    html`<div class="heading h${node.level}" role="heading"
      aria-level=${node.level + 2}>${spans(node.children, view)}</div>`,
  small: (node, view) => html`<p class="small">${spans(node.children, view)}</p>`,
  quote: (node, view) => html`<blockquote>${blocks(node.children, view)}</blockquote>`,
  code: (node) => html`<pre tabindex="0"><code>${node.text}</code></pre>`,
  list: (node, view) => list(node, view),
};

function list(node, view) {
  const items = node.items.map(
    (item) => html`<li class="level${item.level}">${spans(item.children, view)}</li>`,
  );
  return node.ordered ? html`<ol start=${node.start}>${items}</ol>` : html`<ul>${items}</ul>`;
}

const SPANS = {
  text: (node) => node.text,
  bold: (node, view) => html`<strong>${spans(node.children, view)}</strong>`,
  italic: (node, view) => html`<em>${spans(node.children, view)}</em>`,
  underline: (node, view) => html`<u>${spans(node.children, view)}</u>`,
  strike: (node, view) => html`<s>${spans(node.children, view)}</s>`,
  code: (node) => html`<code>${node.text}</code>`,
  spoiler: (node, view) => spoiler(spans(node.children, view)),
  link: (node, view) => link(node.href, spans(node.children, view), view),
  user: (node, view) => mention("@", view.client.world.name(node.id, view.guildId)),
  role: (node, view) => mention("@", view.client.world.role(node.id, view.guildId)?.name ?? "unknown-role"),
  channel: (node, view) => channelLink(node.id, view),
  everyone: (node) => html`<span class="mention">${node.text}</span>`,
  command: (node) => html`<span class="mention">${node.text}</span>`,
  emoji: (node) => node.text,
  time: (node, view) => instant(node, view),
};

function mention(sign, name) {
  return html`<span class="mention">${sign}${name}</span>`;
}

function channelLink(id, { client }) {
  const channel = client.world.channels.get(id);
  if (!channel) return html`<span class="mention">#unknown</span>`;
  return html`<button type="button" class="mention" @click=${() => client.open(id)}>#${channel.name}</button>`;
}

function instant(node, { client }) {
  const at = new Date(node.at * 1000);
  if (Number.isNaN(at.getTime())) return `<t:${node.at}>`;
  return html`<zx-time class="instant" .at=${at} look=${node.style} locale=${client.place.locale}></zx-time>`;
}

/** Links into this Discord stay on the page; all others open in a window of their own. */
export function link(href, content, { client }, look = "") {
  const target = jumpTarget(href);
  if (!/^https?:\/\//i.test(href)) return content;
  if (!target) {
    return html`<a class=${look} href=${href} target="_blank" rel="noopener noreferrer">${content}</a>`;
  }
  const jump = (event) => {
    event.preventDefault();
    client.open(target.channel);
    if (target.message) client.pointAt(target.message);
  };
  return html`<a class=${look} href=${location.hash} @click=${jump}>${content}</a>`;
}

/** Hidden until it is pressed. */
function spoiler(content) {
  return html`<span class="spoiler" role="button" tabindex="0" aria-label="Spoiler" aria-expanded="false"
    @click=${reveal} @keydown=${(event) => ["Enter", " "].includes(event.key) && reveal(event)}
    ><span class="hidden-text" aria-hidden="true">${content}</span></span>`;
}

function reveal(event) {
  const cover = event.currentTarget;
  event.preventDefault();
  cover.classList.add("revealed");
  cover.removeAttribute("aria-label");
  cover.setAttribute("aria-expanded", "true");
  cover.firstElementChild.removeAttribute("aria-hidden");
}
