/**
 * The heart of the page: a second client of the sandbox's Discord, for the member named in the
 * address. It fetches the world once, then follows the events; parts watch its topics:
 *
 *     world · place · acts · unread · bot · commands · drawer · line
 *     messages:CHANNEL · thread:CHANNEL · typing:CHANNEL
 */

import { Acts } from "./acts.js";
import { get, post, put, remove } from "./control.js";
import { Live } from "./live.js";
import { DIRECT, placeHash, readPlace } from "./place.js";
import { reactionsAfter } from "./reactions.js";
import { Timeline } from "./timeline.js";
import { setNow } from "./times.js";
import { Topics } from "./topics.js";
import { Typists } from "./typists.js";
import { World, holdsMessages, isPrivate, isThread } from "./world.js";

const REFETCH_AFTER_MS = 150;
const THREAD_CREATED = 18;
const STARTER = 21;

export class Client {
  topics = new Topics();
  typists = new Typists(this.topics);
  place = readPlace();
  world = null;
  bot = { is_online: false, can_restart: false };
  isConnected = false;
  unread = new Set();
  dismissed = new Set(JSON.parse(sessionStorage.getItem("dismissed") ?? "[]"));
  #timelines = new Map();
  #commands = new Map();
  #isRefetchDue = false;
  #meanwhile = null; // events while the world is being fetched: the answer may be older than they

  /** `showEnd` brings a channel's end into view: there stands what its member has just asked for. */
  constructor({ openModal, report, announce, showEnd }) {
    this.report = report;
    this.announce = announce;
    this.showEnd = showEnd;
    this.acts = new Acts(this.topics, () => this.place, { openModal, showEnd });
  }

  async start() {
    addEventListener("hashchange", () => this.#moved());
    new Live({
      onOpen: () => this.#opened(),
      onEvent: (event) => this.#take(event),
      onClose: () => this.#setConnected(false),
    }).connect();
    await this.#fetchWorld();
  }

  /** Goes elsewhere; parts of the place that are not named stay, unless the guild changes. */
  go(changes) {
    const isElsewhere = "guild" in changes && changes.guild !== this.place.guild;
    const kept = isElsewhere ? { ...this.place, channel: null, thread: null } : this.place;
    const next = { ...kept, ...("channel" in changes ? { thread: null } : {}), ...changes };
    if (placeHash(next) === location.hash) return;
    location.hash = placeHash(next);
  }

  /** Opens a channel or thread wherever it is. */
  open(channelId) {
    const channel = this.world.channels.get(channelId);
    if (!channel) return;
    const guild = channel.guild_id ?? DIRECT;
    if (isThread(channel)) this.go({ guild, channel: channel.parent_id, thread: channel.id });
    else this.go({ guild, channel: channel.id });
  }

  async openConversation() {
    const { id } = await post(`/users/${this.world.viewerId}/direct`);
    if (!this.world.channels.has(id)) await this.#fetchWorld();
    this.go({ guild: DIRECT, channel: id });
  }

  /** The viewer's conversation with someone else, or with several, in which the bot is not. */
  async talkWith(...userIds) {
    const { id } = await post("/private-channels", { user_ids: [this.world.viewerId, ...userIds] });
    if (!this.world.channels.has(id)) await this.#fetchWorld();
    this.go({ guild: DIRECT, channel: id });
  }

  /** Installs the application for the viewer alone, or takes it away again. */
  switchInstall() {
    const change = this.world.hasInstalled ? remove : put;
    return change(`/users/${this.world.viewerId}/install`).catch((problem) => this.report(problem.summary));
  }

  get channel() {
    return this.world?.channels.get(this.place.channel);
  }

  get thread() {
    return this.world?.channels.get(this.place.thread);
  }

  /** The channel's messages; the first look fetches them. */
  timeline(channelId) {
    const timeline = this.#timelines.get(channelId) ?? new Timeline();
    this.#timelines.set(channelId, timeline);
    if (timeline.state === "absent") this.#fetchMessages(channelId, timeline);
    return timeline;
  }

  /** The commands that the viewer is offered in the channel; fetched once. */
  async commands(channelId) {
    if (!this.#commands.has(channelId)) {
      const asked = get(`/channels/${channelId}/commands?viewer=${this.world.viewerId}`);
      this.#commands.set(channelId, asked);
      asked.catch(() => this.#commands.delete(channelId));
    }
    return this.#commands.get(channelId);
  }

  async write(channel, content, replyTo) {
    const body = { user_id: this.world.viewerId, content, reply_to: replyTo ?? null };
    await post(`/channels/${channel.id}/messages`, body);
    this.showEnd(channel.id);
  }

  deleteMessage(message) {
    return remove(`/channels/${message.channel_id}/messages/${message.id}?viewer=${this.world.viewerId}`);
  }

  /** Adds the member's reaction, or takes it back. */
  react(message, emoji) {
    const place = `/channels/${message.channel_id}/messages/${message.id}/reactions/${encodeURIComponent(emoji)}`;
    return post(`${place}?viewer=${this.world.viewerId}`).catch((problem) => this.report(problem.summary));
  }

  /** Hides an ephemeral message for good, as the member asked. */
  dismiss(message) {
    this.dismissed.add(message.id);
    sessionStorage.setItem("dismissed", JSON.stringify([...this.dismissed]));
    this.topics.tell(`messages:${message.channel_id}`);
  }

  async #fetchWorld() {
    const viewer = this.place.viewer ? `?viewer=${this.place.viewer}` : "";
    const meanwhile = (this.#meanwhile = []);
    const [told, bot] = await Promise.all([get(`/world${viewer}`), get("/bot")]);
    this.#meanwhile = null;
    const isSomeoneElse = told.viewer_id !== this.world?.viewerId;
    setNow(told.now_us);
    this.world = new World(told);
    this.bot = bot;
    if (isSomeoneElse) this.#forget();
    for (const event of meanwhile.filter(({ name }) => name.startsWith("THREAD_"))) this.#takeThread(event);
    this.#settle();
    this.topics.tell("world", "bot", "place");
  }

  /** What another member sees is nobody else's. */
  #forget() {
    this.#timelines.clear();
    this.#commands.clear();
    this.unread.clear();
  }

  /** Makes the place one that exists for the viewer. */
  #settle() {
    const { world, place } = this;
    const guild =
      world.guilds.has(place.guild) || place.guild === DIRECT ? place.guild : [...world.guilds.keys()][0];
    const known = world.channels.get(place.channel);
    const isHere = known && (known.guild_id ?? DIRECT) === guild;
    const first = guild === DIRECT ? world.conversations[0] : world.channelsOf(guild).find(holdsMessages);
    const channel = isHere ? place.channel : (first?.id ?? null);
    const thread = world.channels.has(place.thread) && isHere ? place.thread : null;
    this.place = { ...place, viewer: world.viewerId, guild, channel, thread };
    if (placeHash(this.place) !== location.hash) history.replaceState(null, "", placeHash(this.place));
    this.#seen();
  }

  async #moved() {
    const before = this.place;
    this.place = readPlace();
    if (this.place.viewer !== before.viewer) await this.#fetchWorld();
    else this.#settle();
    this.topics.tell("place");
  }

  #seen() {
    const before = this.unread.size;
    for (const id of [this.place.channel, this.place.thread]) this.unread.delete(id);
    if (this.unread.size !== before) this.topics.tell("unread");
  }

  async #fetchMessages(channelId, timeline) {
    timeline.state = "loading";
    try {
      timeline.fill(await get(`/channels/${channelId}/messages?viewer=${this.world.viewerId}`));
    } catch (problem) {
      timeline.state = "failed";
      this.report(problem.message);
    }
    this.topics.tell(`messages:${channelId}`);
  }

  /** After an interruption everything may have changed. */
  #opened() {
    const isAgain = this.isLate;
    this.#setConnected(true);
    if (!isAgain) return;
    const shown = [...this.#timelines.keys()];
    this.#forget();
    this.topics.tell(...shown.map((id) => `messages:${id}`));
    this.#fetchWorld();
  }

  #setConnected(isConnected) {
    this.isLate = this.isLate || (this.isConnected && !isConnected);
    this.isConnected = isConnected;
    this.topics.tell("line");
  }

  #take(event) {
    this.#meanwhile?.push(event);
    if (!this.world) return;
    if (event.viewer_id && event.viewer_id !== this.place.viewer) return;
    if (event.name.startsWith("MESSAGE_REACTION_")) this.#takeReaction(event);
    else if (event.name.startsWith("MESSAGE_")) this.#takeMessage(event);
    else if (event.name.startsWith("THREAD_")) this.#takeThread(event);
    else this.#takeOther(event);
  }

  #takeMessage({ name, body }) {
    const timeline = this.#timelines.get(body.channel_id);
    if (name === "MESSAGE_DELETE") timeline?.drop(body.id);
    else if (name === "MESSAGE_DELETE_BULK") for (const id of body.ids) timeline?.drop(id);
    else timeline?.put(body);
    if (name === "MESSAGE_CREATE") {
      this.typists.stop(body.channel_id, body.author.id);
      this.#noteNew(body);
    }
    this.topics.tell(`messages:${body.channel_id}`);
  }

  #takeReaction({ name, body }) {
    const timeline = this.#timelines.get(body.channel_id);
    const message = timeline?.find(body.message_id);
    if (!message) return;
    timeline.put({ ...message, reactions: reactionsAfter(message.reactions ?? [], name, body) });
    this.topics.tell(`messages:${body.channel_id}`);
  }

  #noteNew(message) {
    this.#countInThread(message);
    if (this.acts.isAnswer(message)) this.showEnd(message.channel_id);
    const { channel, thread, viewer } = this.place;
    if ([channel, thread].includes(message.channel_id)) this.announce(message);
    else if (message.author.id !== viewer) this.unread.add(message.channel_id);
    this.topics.tell("unread");
  }

  /** Discord's clients count for themselves; the starter is not counted. */
  #countInThread(message) {
    const thread = this.world.channels.get(message.channel_id);
    if (!isThread(thread) || [STARTER, THREAD_CREATED].includes(message.type)) return;
    if (message.id !== thread.id) thread.message_count += 1;
    thread.last_message_id = message.id;
    this.topics.tell(`thread:${thread.id}`);
  }

  #takeThread({ name, body }) {
    if (name === "THREAD_DELETE") this.world.channels.delete(body.id);
    else if (name === "THREAD_MEMBERS_UPDATE" || isPrivate(body)) this.#refetchSoon();
    else this.world.putThread(body);
    this.topics.tell("world");
  }

  #takeOther({ name, body }) {
    switch (name) {
      case "SANDBOX_INTERACTION":
        this.acts.note(body);
        this.topics.tell("drawer");
        return;
      case "SANDBOX_COMMANDS":
        this.#commands.clear();
        this.topics.tell("commands");
        return;
      case "TYPING_START":
        if (body.user_id !== this.world.viewerId) this.typists.start(body.channel_id, body.user_id);
        return;
      case "SANDBOX_CLOCK":
        setNow(body.now_us);
        this.topics.tell("world", "drawer");
        return;
      case "SANDBOX_GATEWAY":
        this.bot = { ...this.bot, is_online: body.sessions.some((session) => session.connected) };
        this.topics.tell("bot", "drawer");
        return;
      case "SANDBOX_INSTALL":
        if (body.user_id !== this.world.viewerId) return;
        this.world.hasInstalled = body.installed;
        this.#commands.clear();
        this.topics.tell("world", "commands");
        return;
      case "SANDBOX_CONVERSATION":
        this.#refetchSoon();
        return;
      case "SANDBOX_KEEPER":
        this.bot = { ...this.bot, can_restart: body.is_there };
        this.topics.tell("bot", "drawer");
        return;
      case "INTERACTION_CREATE":
      case "SANDBOX_LEDGER":
      case "SANDBOX_FAULTS":
      case "SANDBOX_VIOLATION":
        this.topics.tell("drawer");
        return;
      default:
        if (/^(GUILD|CHANNEL)_/.test(name)) this.#refetchSoon();
    }
  }

  /** Rare changes, such as those of roles, are not worth patching. */
  #refetchSoon() {
    if (this.#isRefetchDue) return;
    this.#isRefetchDue = true;
    setTimeout(() => {
      this.#isRefetchDue = false;
      this.#fetchWorld();
    }, REFETCH_AFTER_MS);
  }
}
