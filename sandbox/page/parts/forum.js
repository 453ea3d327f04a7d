/** `<zx-forum>`: the posts of a forum, the last used first. */

import { html, nothing } from "../vendor/lit.js";
import { compareIds } from "../model/snowflakes.js";
import { icons } from "./icons.js";
import { Part } from "./part.js";

class Forum extends Part {
  static properties = { channel: { attribute: false } };

  topics() {
    return ["world"];
  }

  render() {
    const posts = this.client.world.threadsOf(this.channel.id, { archived: true });
    posts.sort((a, b) => compareIds(b.last_message_id ?? b.id, a.last_message_id ?? a.id));
    const tags = new Map((this.channel.available_tags ?? []).map((tag) => [tag.id, tag.name]));
    return html`<div class="forum">${
      posts.length
        ? html`<ul aria-label="Posts">${posts.map((post) => this.#post(post, tags))}</ul>`
        : html`<p class="empty">${icons.forum()} No posts yet.</p>`
    }</div>`;
  }

  #post(post, tags) {
    const starter = this.client.world.name(post.owner_id, post.guild_id);
    return html`<li><button type="button" class="post" @click=${() => this.client.open(post.id)}>
      <strong>${post.name}</strong>
      <span>${starter} · ${countText(post.message_count)} ${post.thread_metadata.archived ? "· archived" : ""}</span>
      ${post.applied_tags.length ? html`<span>${post.applied_tags.map(
        (id) => html`<span
        class="tag">${tags.get(id) ?? "tag"}</span> `,
      )}</span>` : nothing}</button></li>`;
  }
}

/** The first message is the post itself, and not counted. */
function countText(count) {
  if (!count) return "no answers";
  return count === 1 ? "1 answer" : `${count} answers`;
}

customElements.define("zx-forum", Forum);
