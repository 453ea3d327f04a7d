/**
 * What this window's member does, until the bot has answered: `pending` holds one entry per
 * interaction, with `state` "sent" or "failed". Discord's client waits 3 s for an answer and then
 * says that there was none.
 */

import { get, post, Refused } from "./control.js";

const ANSWER_WITHIN_MS = 3_300;
const EARLY_KEPT = 50;

export class Acts {
  pending = new Map();
  #early = new Map(); // answers that came before the interaction's own id
  #postponed = new Set(); // interactions answered so far by "later", whose message is still to come
  #topics;
  #where;
  #openModal;
  #showEnd;

  /**
   * `where()` gives who acts and in which language; `openModal` shows a form, `showEnd` brings a
   * channel's end into view.
   */
  constructor(topics, where, { openModal, showEnd }) {
    this.#topics = topics;
    this.#where = where;
    this.#openModal = openModal;
    this.#showEnd = showEnd;
  }

  /** Calls a command. @throws {Refused} with the problems of its options. */
  command(channel, name, options) {
    return this.#send(channel, { kind: "command", name, options }, { label: `/${name}` });
  }

  messageCommand(channel, name, message) {
    return this.#send(channel, { kind: "message_command", name, message_id: message.id }, { label: name });
  }

  userCommand(channel, name, userId) {
    return this.#send(channel, { kind: "user_command", name, target_id: userId }, { label: name });
  }

  /** Presses a button or chooses from a select; a refusal shows at the message. */
  async use(channel, message, component, values = []) {
    const { custom_id } = component;
    const shown = { messageId: message.id, customId: custom_id };
    const act = { kind: "component", message_id: message.id, custom_id, values };
    try {
      await this.#send(channel, act, shown);
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      this.#keep(`refused:${message.id}`, { ...shown, state: "failed", text: problem.summary });
    }
  }

  /** Submits a form. @throws {Refused} with the problems of its fields. */
  submit(channel, customId, fields) {
    return this.#send(channel, { kind: "modal", custom_id: customId, fields }, {});
  }

  /** The suggestions for the option that has the focus. */
  async suggest(channel, name, options, focused) {
    const act = { kind: "autocomplete", name, options, focused };
    const { choices, errors } = await post("/interactions", this.#body(channel, act));
    if (errors.length) throw new Refused(0, { message: "Loading options failed" });
    return choices;
  }

  /** The pending use of a message's component, if there is one. */
  onMessage(messageId) {
    return [...this.pending.values()].find((each) => each.messageId === messageId);
  }

  inChannel(channelId) {
    return [...this.pending.values()].filter((each) => each.channelId === channelId && each.label);
  }

  dismiss(id) {
    this.pending.delete(id);
    this.#topics.tell("acts");
  }

  /** Whether a new message is the first that came of something done in this window. */
  isAnswer({ channel_id, interaction_metadata: origin }) {
    if (origin?.user.id !== this.#where().viewer) return false;
    const isOpen = ({ state, channelId }) => state === "sent" && channelId === channel_id;
    return this.#postponed.delete(origin.id) || [...this.pending.values()].some(isOpen);
  }

  /** An interaction was answered. */
  async note({ id, user_id, acknowledged_how: how, modal }) {
    if (user_id !== this.#where().viewer || !how) return;
    const mine = this.pending.get(id);
    if (!mine) {
      this.#early.set(id, { how, modal }); // or it was done in another window, and nobody will ask
      if (this.#early.size > EARLY_KEPT) this.#early.delete(this.#early.keys().next().value);
      return;
    }
    this.dismiss(id);
    await this.#answered(id, mine.channel, { how, modal });
  }

  async #send(channel, act, shown) {
    const provisional = crypto.randomUUID();
    if (shown.label) this.#showEnd(channel.id);
    this.#keep(provisional, { channel, channelId: channel.id, state: "sent", ...shown });
    try {
      const { interaction_id } = await post("/interactions", this.#body(channel, act));
      this.#follow(interaction_id, { channel, channelId: channel.id, state: "sent", ...shown });
    } finally {
      this.dismiss(provisional);
    }
  }

  #follow(id, entry) {
    const early = this.#early.get(id);
    if (early) {
      this.#early.delete(id);
      this.#answered(id, entry.channel, early);
      return;
    }
    this.#keep(id, entry);
    setTimeout(() => this.#expire(id), ANSWER_WITHIN_MS);
  }

  async #expire(id) {
    const entry = this.pending.get(id);
    if (!entry) return;
    const told = await get(`/interactions/${id}`).catch(() => ({ errors: [] }));
    if (told.acknowledged_how) {
      this.dismiss(id);
      return;
    }
    const text = told.errors[0] ?? "The application did not respond";
    this.#keep(id, { ...entry, state: "failed", text: entry.customId ? "This interaction failed" : text });
  }

  async #answered(id, channel, { how, modal }) {
    if (how === "deferred_update") this.#postponed.add(id);
    if (!modal) return;
    const told = await get(`/interactions/${id}`);
    if (told.modal) this.#openModal(told.modal, channel);
  }

  #keep(id, entry) {
    this.pending.set(id, { id, ...entry });
    this.#topics.tell("acts");
  }

  #body(channel, act) {
    const { viewer, locale } = this.#where();
    const place = channel.guild_id ? { guild_id: channel.guild_id } : {};
    return { ...act, ...place, channel_id: channel.id, user_id: viewer, locale };
  }
}
