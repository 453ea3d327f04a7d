/** Who and what there is, as the viewer sees it: users, guilds, channels, threads, conversations. */

const PRIVATE_THREAD = 12;
const THREADS = new Set([10, 11, PRIVATE_THREAD]);
const FORUM = 15;
const MEDIA = 16;
const CATEGORY = 4;

export class World {
  constructor(told) {
    this.viewerId = told.viewer_id;
    this.botId = told.bot_id;
    this.hasInstalled = told.has_installed;
    this.people = told.people;
    this.users = new Map(told.users.map((user) => [user.id, user]));
    this.guilds = new Map(told.guilds.map((guild) => [guild.id, guild]));
    this.channels = new Map();
    for (const guild of told.guilds) {
      for (const channel of [...guild.channels, ...guild.threads]) this.channels.set(channel.id, channel);
    }
    for (const channel of told.direct) this.channels.set(channel.id, channel);
  }

  channelsOf(guildId) {
    const found = [...this.channels.values()].filter(
      (channel) => channel.guild_id === guildId && !isThread(channel),
    );
    return found.sort((a, b) => a.position - b.position);
  }

  /** The channel's threads that are not archived, oldest first. */
  threadsOf(channelId, { archived = false } = {}) {
    return [...this.channels.values()].filter(
      (channel) =>
        isThread(channel) &&
        channel.parent_id === channelId &&
        (archived || !channel.thread_metadata?.archived),
    );
  }

  /** That with the bot first. */
  get conversations() {
    const all = [...this.channels.values()].filter((channel) => !channel.guild_id);
    return all.sort((a, b) => Number(b.has_bot) - Number(a.has_bot));
  }

  /** What a channel or conversation is called: by the people in it if it has no name. */
  title(channel) {
    if (channel.name) return channel.name;
    return this.others(channel)
      .map((user) => user.global_name ?? user.username)
      .join(", ");
  }

  /** With whom the viewer talks there. */
  others(channel) {
    if (channel.has_bot) return [this.users.get(this.botId)];
    return channel.recipients.filter((user) => user.id !== this.viewerId);
  }

  /** A new or changed thread that is not private; it may be seen by whoever may see its parent. */
  putThread(thread) {
    const known = this.channels.get(thread.id);
    const bits = this.channels.get(thread.parent_id)?.viewer_permissions;
    if (bits === undefined) return;
    this.channels.set(thread.id, { viewer_permissions: bits, ...known, ...thread });
  }

  /** Threads do not say so themselves. */
  isAgeRestricted(channel) {
    const place = isThread(channel) ? this.channels.get(channel.parent_id) : channel;
    return Boolean(place?.nsfw);
  }

  name(userId, guildId) {
    const member = this.member(userId, guildId);
    const user = this.users.get(userId);
    return member?.nick ?? user?.global_name ?? user?.username ?? "unknown";
  }

  member(userId, guildId) {
    return this.guilds.get(guildId)?.members.find((member) => member.id === userId);
  }

  role(roleId, guildId) {
    return this.guilds.get(guildId)?.roles.find((role) => role.id === roleId);
  }

  /** How someone stands in a guild: "Owner", a role's name, or "Member". */
  rank(userId, guildId) {
    const there = this.people.find((each) => each.guild_id === guildId);
    return there?.members.find((member) => member.id === userId)?.rank ?? "";
  }
}

export const isPrivate = (thread) => thread.type === PRIVATE_THREAD;

export const isThread = (channel) => THREADS.has(channel?.type);
export const isForum = (channel) => [FORUM, MEDIA].includes(channel?.type);
export const holdsMessages = (channel) => channel && !isForum(channel) && channel.type !== CATEGORY;
