/** What the menus of messages and members offer. */

import { localised } from "../model/locales.js";
import { ADD_REACTIONS, MANAGE_MESSAGES, may } from "../model/permissions.js";
import { placeHash } from "../model/place.js";
import { previewText } from "./preview.js";

const USER_COMMAND = 2;
const MESSAGE_COMMAND = 3;
const EPHEMERAL = 1 << 6;
const REACTIONS = ["👍", "👎", "🍇"];

export async function messageMenu(client, channel, message, event) {
  const at = event.currentTarget;
  const apps = await appItems(client, channel, MESSAGE_COMMAND, (command) =>
    client.acts.messageCommand(channel, command.name, message),
  );
  const items = [
    {
      label: "Reply",
      run: () => at.dispatchEvent(new CustomEvent("reply", { bubbles: true, detail: message })),
    },
    { label: "Copy text", run: () => copy(client, message.content || previewText(message, client)) },
    { label: "Copy message ID", run: () => copy(client, message.id) },
    ...(may(channel, ADD_REACTIONS) && !(message.flags & EPHEMERAL) ? reactions(client, message) : []),
    ...apps,
  ];
  if (message.flags & EPHEMERAL) items.push({ label: "Dismiss message", run: () => client.dismiss(message) });
  else if (message.author.id === client.world.viewerId || may(channel, MANAGE_MESSAGES)) {
    items.push({
      label: "Delete message",
      danger: true,
      run: () => attempt(client, client.deleteMessage(message)),
    });
  }
  client.shell.openMenu(items, at, event);
}

export async function userMenu(client, channel, user, event) {
  const at = event.currentTarget;
  const apps = await appItems(client, channel, USER_COMMAND, (command) =>
    client.acts.userCommand(channel, command.name, user.id),
  );
  const isPerson = !user.bot;
  client.shell.openMenu(
    [
      {
        heading: client.world.name(user.id, channel.guild_id),
        note: client.world.rank(user.id, channel.guild_id),
      },
      ...(isPerson ? [{ label: "Be this member", run: () => client.go({ viewer: user.id }) }] : []),
      ...(isPerson && user.id !== client.world.viewerId
        ? [{ label: "Talk to them alone", run: () => attempt(client, client.talkWith(user.id)) }]
        : []),
      ...(isPerson ? [{ label: "Open beside, as this member", run: () => openBeside(client, user.id) }] : []),
      { label: "Copy user ID", run: () => copy(client, user.id) },
      ...apps,
    ],
    at,
    event,
  );
}

/** A second window with another member, on the same spot. */
export function openBeside(client, viewer) {
  open(placeHash({ ...client.place, viewer }), "_blank", "noopener,popup,width=760,height=900");
}

function reactions(client, message) {
  const items = REACTIONS.map((emoji) => ({
    label: `React with ${emoji}`,
    run: () => client.react(message, emoji),
  }));
  return [{ heading: "Reactions" }, ...items];
}

async function appItems(client, channel, type, call) {
  const commands = await client.commands(channel.id).catch(() => []);
  const fitting = commands.filter((command) => command.type === type);
  if (!fitting.length) return [];
  const items = fitting.map((command) => ({
    label: localised(command, "name", client.place.locale),
    run: () => attempt(client, call(command)),
  }));
  return [{ heading: "Apps" }, ...items];
}

async function attempt(client, action) {
  await action.catch((problem) => client.report(problem.summary ?? problem.message));
}

async function copy(client, text) {
  await navigator.clipboard.writeText(text);
  client.report("Copied", { isGood: true });
}
