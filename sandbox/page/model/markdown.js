/**
 * Discord's markdown as a tree of plain objects; nothing here makes HTML. `parse` splits into
 * blocks by lines, `parseInline` walks a text and tries, where a special character stands, the rules
 * in their order. What no rule takes stays text.
 *
 * Blocks: text, heading, small, quote, code, list. Inline: text, bold, italic, underline, strike,
 * spoiler, code, link, user, role, channel, everyone, command, emoji, time.
 */

const DEEPEST = 10; // nested spans; deeper ones stay text

/** The blocks of a message, embed or text display. */
export function parse(text) {
  return blocksOf(text.replace(/\r\n?/g, "\n"), 0);
}

/** Spans without blocks, for titles, names of fields and labels. */
export function parseInline(text, depth = 0) {
  const nodes = [];
  let at = 0;
  let since = 0;
  while (at < text.length) {
    const found = SPECIAL.has(text[at]) && depth < DEEPEST ? spanAt(text, at, depth) : null;
    if (!found) {
      at += 1;
      continue;
    }
    if (at > since) nodes.push(textNode(text.slice(since, at)));
    nodes.push(found.node);
    at = since = at + found.length;
  }
  if (since < text.length) nodes.push(textNode(text.slice(since)));
  return nodes;
}

/** What a screen reader or a preview says: the text without its marks, blocks apart. */
export function plainText(nodes) {
  return nodes
    .map((node) => node.text ?? plainText(node.children ?? node.items?.flat() ?? []) + (ENDS.has(node.kind) ? " " : ""))
    .join("");
}

const ENDS = new Set(["text", "heading", "small", "quote", "list"]);

const textNode = (text) => ({ kind: "text", text });
const nested = (kind) => (match, depth) => ({ kind, children: parseInline(match[1], depth + 1) });

const SPECIAL = new Set("\\`*_~|[<@h");

const RULES = [
  [/\\([^0-9A-Za-z\s])/y, (match) => textNode(match[1])],
  [/(`+)([\s\S]*?[^`])\1(?!`)/y, (match) => ({ kind: "code", text: match[2].trim() || match[2] })],
  [/\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y, nested("bold")],
  [/__((?:\\[\s\S]|[^\\])+?)__(?!_)/y, nested("underline")],
  [/~~([\s\S]+?)~~(?!~)/y, nested("strike")],
  [/\|\|([\s\S]+?)\|\|/y, nested("spoiler")],
  [/\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:[^*\s]|\*\*)|[^\s*\\])+?)\*(?!\*)/y, nested("italic")],
  [/_((?:__|\\[\s\S]|[^\\_])+?)_(?![\p{L}\p{N}_])/uy, nested("italic"), isWordStart],
  [
    /\[((?:\\.|[^[\]\\\n])+)\]\(<?(https?:\/\/[^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"[^"\n]*")?\)/y,
    maskedLink,
  ],
  [/<(https?:\/\/[^\s<>]+)>/y, (match) => bareLink(match[1])],
  [/https?:\/\/[^\s<>"`]+[^\s<>"`.,:;!?'*_~|\]]/y, (match) => openLink(match[0]), isWordStart],
  [/<@!?(\d+)>/y, (match) => ({ kind: "user", id: match[1] })],
  [/<@&(\d+)>/y, (match) => ({ kind: "role", id: match[1] })],
  [/<#(\d+)>/y, (match) => ({ kind: "channel", id: match[1] })],
  [/@(everyone|here)(?!\w)/y, (match) => ({ kind: "everyone", text: match[0] })],
  [/<\/([^:<>\n]{1,98}):(\d+)>/y, (match) => ({ kind: "command", text: `/${match[1]}` })],
  [/<a?:(\w{2,32}):(\d+)>/y, (match) => ({ kind: "emoji", text: `:${match[1]}:` })],
  [
    /<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y,
    (match) => ({ kind: "time", at: Number(match[1]), style: match[2] ?? "f" }),
  ],
];

function spanAt(text, at, depth) {
  for (const [pattern, make, allowed] of RULES) {
    if (allowed && !allowed(text, at)) continue;
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) continue;
    const node = make(match, depth);
    return { node, length: node.length ?? match[0].length };
  }
  return null;
}

function isWordStart(text, at) {
  return at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]);
}

function maskedLink(match, depth) {
  return { kind: "link", href: match[2], children: parseInline(match[1], depth + 1) };
}

function bareLink(href) {
  return { kind: "link", href, children: [textNode(href)] };
}

/** A bracket at the end belongs to the sentence, unless it was opened within the address. */
function openLink(found) {
  const isOpened = found.split("(").length >= found.split(")").length;
  const href = found.endsWith(")") && !isOpened ? found.slice(0, -1) : found;
  return { ...bareLink(href), length: href.length };
}

function blocksOf(text, depth) {
  const blocks = [];
  let rest = text;
  while (rest) {
    const [block, used] = blockAt(rest, depth);
    const last = blocks.at(-1);
    if (block.kind === "text" && last?.kind === "text") last.source += block.source;
    else blocks.push(block);
    rest = rest.slice(used);
  }
  return blocks.map(finished).filter((block) => block.kind !== "text" || block.children.length);
}

/** Text is parsed when it is whole, so that spans may run over lines. */
function finished(block) {
  if (block.kind !== "text") return block;
  return { kind: "text", children: parseInline(block.source.replace(/\n$/, "")) };
}

const QUOTE = /^(?:> ?[^\n]*(?:\n|$))+/;
const LONG_QUOTE = /^>>> ([\s\S]+)$/;
const QUOTES = new Set([QUOTE, LONG_QUOTE]);

const BLOCKS = [
  [
    /^```(?:([\w+#.-]*)\n)?([\s\S]*?)\n*```\n?/,
    (match) => ({ kind: "code", language: match[1] ?? "", text: match[2] }),
  ],
  [
    /^(#{1,3}) +([^\n]+)(?:\n|$)/,
    (match) => ({ kind: "heading", level: match[1].length, children: parseInline(match[2].trim()) }),
  ],
  [/^-# +([^\n]+)(?:\n|$)/, (match) => ({ kind: "small", children: parseInline(match[1]) })],
  [LONG_QUOTE, (match, depth) => ({ kind: "quote", children: blocksOf(match[1], depth + 1) })],
  [
    QUOTE,
    (match, depth) => ({ kind: "quote", children: blocksOf(match[0].replace(/^> ?/gm, ""), depth + 1) }),
  ],
  [/^ *[-*] +[^\n]+(?:\n *(?:[-*]|(?<= )\d{1,9}\.) +[^\n]+)*(?:\n|$)/, (match) => listOf(match[0])],
  [/^ *\d{1,9}\. +[^\n]+(?:\n *(?:\d{1,9}\.|(?<= )[-*]) +[^\n]+)*(?:\n|$)/, (match) => listOf(match[0])],
];

function blockAt(text, depth) {
  for (const [pattern, make] of BLOCKS) {
    if (depth > 0 && QUOTES.has(pattern)) continue; // Discord knows no quote within a quote
    const match = pattern.exec(text);
    if (match) return [make(match, depth), match[0].length];
  }
  const end = lineEnd(text);
  return [{ kind: "text", source: text.slice(0, end) }, end];
}

/** A line ends where a code block begins, too. */
function lineEnd(text) {
  const line = text.indexOf("\n") + 1 || text.length;
  const fence = text.indexOf("```", 1);
  return fence > 0 && fence < line && text.indexOf("```", fence + 3) > 0 ? fence : line;
}

function listOf(text) {
  const lines = text.replace(/\n$/, "").split("\n");
  const ordered = /^ *\d/.test(lines[0]);
  const items = lines.map((line) => {
    const [, indent, body] = /^( *)(?:[-*]|\d+\.) +(.*)$/.exec(line);
    return { level: Math.min(2, Math.floor(indent.length / 2)), children: parseInline(body) };
  });
  return { kind: "list", ordered, start: Number.parseInt(lines[0], 10) || 1, items };
}
