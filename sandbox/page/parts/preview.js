/** What a message says in one line: for replies, for announcements, and for the list of threads. */

import { parse, plainText } from "../model/markdown.js";

const LONGEST = 140;

export function previewText(message, client) {
  const texts = [
    message.content,
    ...message.embeds.map((one) => one.title ?? one.description),
    ...textsIn(message.components),
  ];
  const said = texts
    .filter(Boolean)
    .map((text) => plainText(named(parse(text), client)))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
  if (said.length > LONGEST) return `${said.slice(0, LONGEST)}…`;
  return said || (message.attachments.length ? "Picture or file" : "Message");
}

function textsIn(components) {
  return components.flatMap((one) => {
    if (one.type === 10) return [one.content];
    return textsIn([...(one.components ?? []), ...(one.accessory ? [one.accessory] : [])]);
  });
}

/** Mentions by name. */
function named(nodes, client) {
  return nodes.map((node) => {
    if (node.kind === "user") return { kind: "text", text: `@${client.world.name(node.id)}` };
    if (node.kind === "channel")
      return { kind: "text", text: `#${client.world.channels.get(node.id)?.name ?? "unknown"}` };
    return node.children ? { ...node, children: named(node.children, client) } : node;
  });
}
