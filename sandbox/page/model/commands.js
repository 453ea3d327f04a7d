/** Slash commands as the picker lists them, and what may be sent for their options. */

import { localised } from "./locales.js";

const SUBCOMMAND = 1;
const GROUP = 2;
const CHAT_INPUT = 1;
export const Option = {
  STRING: 3,
  INTEGER: 4,
  BOOLEAN: 5,
  USER: 6,
  CHANNEL: 7,
  ROLE: 8,
  MENTIONABLE: 9,
  NUMBER: 10,
  ATTACHMENT: 11,
};
const LARGEST_INTEGER = 2 ** 53 - 1;
const LONGEST_STRING = 6000;

/**
 * All that can be called, subcommands each on their own line: `{name, title, description, options}`
 * with `name` as the bot knows it, `title` in the chosen language, required options first.
 */
export function callable(commands, locale) {
  const found = commands
    .filter((command) => command.type === CHAT_INPUT)
    .flatMap((command) => leaves(command, locale, [], []));
  return found.sort((a, b) => a.title.localeCompare(b.title, locale));
}

function leaves(node, locale, names, titles) {
  const here = [...names, node.name];
  const shown = [...titles, localised(node, "name", locale)];
  const below = (node.options ?? []).filter((one) => one.type === SUBCOMMAND || one.type === GROUP);
  if (below.length) return below.flatMap((one) => leaves(one, locale, here, shown));
  const options = [...(node.options ?? [])].sort((a, b) => Boolean(b.required) - Boolean(a.required));
  return [
    {
      name: here.join(" "),
      title: shown.join(" "),
      description: localised(node, "description", locale),
      options,
    },
  ];
}

/** Commands whose name holds what was typed, those that begin with it first. */
export function matching(entries, typed) {
  const wanted = typed.toLowerCase();
  const rank = (entry) =>
    [entry.title, entry.name].some((each) => each.toLowerCase().startsWith(wanted)) ? 0 : 1;
  return entries
    .filter((entry) => [entry.title, entry.name].some((each) => each.toLowerCase().includes(wanted)))
    .sort((a, b) => rank(a) - rank(b));
}

/**
 * What a field would send: `{value}`, `{problem}`, or neither for an option left out. A field is
 * `{text, choice, file}`; `choice` is what was picked from a list.
 */
export function readField(option, field, choices) {
  if (option.type === Option.ATTACHMENT) return readFile(option, field);
  const picked =
    field.choice ?? choices?.find((one) => one.label.toLowerCase() === field.text.trim().toLowerCase());
  if (picked) return { value: picked.value };
  if (!field.text.trim())
    return option.required ? { problem: "This option is required. Specify a value" } : {};
  if (choices) return { problem: NO_SUCH[option.type] ?? "Choose one of the options" };
  if (option.type === Option.STRING) return readString(option, field.text);
  return readNumber(option, field.text.trim());
}

const NO_SUCH = {
  [Option.BOOLEAN]: "Must be either true or false",
  [Option.USER]: "There is no such member here",
  [Option.CHANNEL]: "There is no such channel here",
  [Option.ROLE]: "There is no such role here",
  [Option.MENTIONABLE]: "There is no such member or role here",
};

function readFile(option, { file }) {
  if (file) return { value: file };
  return option.required ? { problem: "This option is required. Choose a file" } : {};
}

function readString(option, text) {
  const { min_length: shortest = 0, max_length: longest = LONGEST_STRING } = option;
  const length = [...text].length;
  if (length >= shortest && length <= longest) return { value: text };
  return { problem: `Must be between ${shortest} and ${longest} in length (now ${length})` };
}

function readNumber(option, text) {
  const isWhole = option.type === Option.INTEGER;
  const value = Number(text);
  if (!Number.isFinite(value) || (isWhole && !/^[+-]?\d+$/.test(text))) {
    return { problem: isWhole ? "Input a valid integer" : "Input a valid number" };
  }
  const { min_value: lowest = -LARGEST_INTEGER, max_value: highest = LARGEST_INTEGER } = option;
  if (value < lowest || value > highest) return { problem: `Must be between ${lowest} and ${highest}` };
  return { value };
}

/** A picked file as the control interface takes it. */
export async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 32_768)
    binary += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return { filename: file.name, content_base64: btoa(binary) };
}
