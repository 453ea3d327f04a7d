/** What selects and command options offer where the choices are the people and places here. */

import { localised } from "./locales.js";

const MOST = 25;

/** The options of a select component: `{value, label, description, emoji, isDefault}`. */
export function selectChoices(component, world, guildId) {
  const chosen = new Set((component.default_values ?? []).map((one) => String(one.id)));
  const marked = (choice) => ({ ...choice, isDefault: chosen.has(choice.value) });
  switch (component.type) {
    case 3:
      return component.options.map((one) => ({
        ...one,
        emoji: one.emoji?.name,
        isDefault: one.default === true,
      }));
    case 5:
      return members(world, guildId).map(marked);
    case 6:
      return roles(world, guildId).map(marked);
    case 7:
      return [...members(world, guildId), ...roles(world, guildId)].map(marked);
    default:
      return channels(world, guildId, component.channel_types).map(marked);
  }
}

/** What a command's option offers by itself, filtered by what was typed; null if it is free text. */
export function optionChoices(option, typed, { world, guildId, locale }) {
  const all = allChoices(option, world, guildId, locale);
  if (!all) return null;
  const wanted = typed.toLowerCase().replace(/^[@#]/, "");
  return all.filter((choice) => choice.label.toLowerCase().includes(wanted)).slice(0, MOST);
}

function allChoices(option, world, guildId, locale) {
  if (option.choices?.length) {
    return option.choices.map((one) => ({ value: one.value, label: String(localised(one, "name", locale)) }));
  }
  switch (option.type) {
    case 5:
      return [
        { value: true, label: "True" },
        { value: false, label: "False" },
      ];
    case 6:
      return members(world, guildId);
    case 7:
      return channels(world, guildId, option.channel_types);
    case 8:
      return roles(world, guildId);
    case 9:
      return [...members(world, guildId), ...roles(world, guildId)];
    default:
      return null;
  }
}

function members(world, guildId) {
  const there = world.guilds.get(guildId)?.members ?? world.conversations.flatMap((one) => one.recipients);
  return there.map(({ id }) => ({
    value: id,
    label: world.name(id, guildId),
    description: world.rank(id, guildId),
  }));
}

function roles(world, guildId) {
  const there = world.guilds.get(guildId)?.roles ?? [];
  return there.map(({ id, name }) => ({ value: id, label: name, description: "Role" }));
}

function channels(world, guildId, types) {
  const there = guildId ? world.channelsOf(guildId) : [];
  const fitting = there.filter((one) => !types?.length || types.includes(one.type));
  return fitting.map(({ id, name }) => ({ value: id, label: `#${name}` }));
}
