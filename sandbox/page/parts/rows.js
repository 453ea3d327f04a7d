/**
 * Turns messages into rows in blocks. What has not changed since the last drawing is the very same
 * object, so a block of which nothing has changed is not drawn again: in a channel with a thousand
 * messages, two hundred changes a second concern a few blocks a frame.
 */

import { isSameDay } from "../model/times.js";

const BLOCK = 40;
const GROUPED_WITHIN_MS = 7 * 60_000;
const STARTER = 21;
const THREAD_CREATED = 18;
const OWN_HEAD = new Set([THREAD_CREATED, 19, 20, STARTER, 23]);
const EPHEMERAL = 1 << 6;

export class Rows {
  #known = new Map();

  /** The messages from the place `from` on as blocks of rows `{message, isHead, day, act}`. */
  blocks(messages, from, actOf) {
    const blocks = [];
    const known = new Map();
    let before = null;
    for (let at = from; at < messages.length; at += 1) {
      const row = this.#row(messages[at], before, actOf(messages[at].id));
      known.set(row.message.id, row);
      const key = Math.floor(at / BLOCK);
      if (blocks.at(-1)?.key !== key) blocks.push({ key, rows: [] });
      blocks.at(-1).rows.push(row);
      before = row;
    }
    this.#known = known;
    return blocks;
  }

  #row(message, before, act) {
    const known = this.#known.get(message.id);
    if (known?.message === message && known.before?.message === before?.message && known.act === act)
      return known;
    const at = known?.at ?? new Date(message.timestamp);
    const day = !before || !isSameDay(at, before.at) ? at : null;
    const isHead = day !== null || startsGroup(message, at, before);
    const isSame =
      known?.message === message && known.isHead === isHead && !known.day === !day && known.act === act;
    if (isSame) return Object.assign(known, { before: bare(before) });
    return { message, isHead, day, act, at, before: bare(before) };
  }
}

/** Without the row before it, or all rows would hang together. */
const bare = (row) => row && { message: row.message };

function startsGroup(message, at, before) {
  const last = before.message;
  return (
    OWN_HEAD.has(message.type) ||
    [THREAD_CREATED, STARTER].includes(last.type) ||
    message.author.id !== last.author.id ||
    (message.flags & EPHEMERAL) !== (last.flags & EPHEMERAL) ||
    at - before.at > GROUPED_WITHIN_MS
  );
}
