/** Who is typing where; Discord lets it be seen for ten seconds, or until the message is there. */

const SEEN_MS = 10_000;

export class Typists {
  #topics;
  #byChannel = new Map();

  constructor(topics) {
    this.#topics = topics;
  }

  in(channelId) {
    return [...(this.#byChannel.get(channelId)?.keys() ?? [])];
  }

  start(channelId, userId) {
    const there = this.#byChannel.get(channelId) ?? new Map();
    clearTimeout(there.get(userId));
    there.set(
      userId,
      setTimeout(() => this.stop(channelId, userId), SEEN_MS),
    );
    this.#byChannel.set(channelId, there);
    this.#topics.tell(`typing:${channelId}`);
  }

  stop(channelId, userId) {
    const there = this.#byChannel.get(channelId);
    if (!there?.has(userId)) return;
    clearTimeout(there.get(userId));
    there.delete(userId);
    this.#topics.tell(`typing:${channelId}`);
  }
}
