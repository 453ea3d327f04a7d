/** A message's reactions after one of the `MESSAGE_REACTION_…` events. */

export function reactionsAfter(before, name, { emoji = {} }) {
  const isSame = (one) => one.emoji.name === emoji.name && (one.emoji.id ?? null) === (emoji.id ?? null);
  const known = before.find(isSame);
  switch (name) {
    case "MESSAGE_REACTION_ADD":
      if (!known) return [...before, { emoji, count: 1 }];
      return before.map((one) => (one === known ? { ...one, count: one.count + 1 } : one));
    case "MESSAGE_REACTION_REMOVE":
      return before
        .map((one) => (one === known ? { ...one, count: one.count - 1 } : one))
        .filter((one) => one.count > 0);
    case "MESSAGE_REACTION_REMOVE_EMOJI":
      return before.filter((one) => one !== known);
    default:
      return [];
  }
}
