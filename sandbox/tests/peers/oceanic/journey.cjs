// A bot in oceanic.js that does what an image bot does, and says on standard output, one JSON line
// each, what it has done. Started by test_journeys.py; ends on SIGTERM.
"use strict";

const {
  ApplicationCommandOptionTypes, ApplicationCommandTypes, ButtonStyles, Client, ComponentTypes, InteractionTypes,
  MessageFlags, Permissions, TextInputStyles,
} = require("oceanic.js");

const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==", "base64");

const say = (what, more = {}) => process.stdout.write(JSON.stringify({ what, ...more }) + "\n");
const picture = (name) => ({ name, contents: PICTURE });
const row = (...components) => ({ type: ComponentTypes.ACTION_ROW, components });

const client = new Client({
  auth: `Bot ${process.env.DISCORD_TOKEN}`,
  rest: { baseURL: process.env.DISCORD_API_BASE_URL },
  gateway: { intents: ["GUILDS"] },
});

const COMMANDS = [
  {
    type: ApplicationCommandTypes.CHAT_INPUT,
    name: "paint",
    description: "Paint something",
    defaultMemberPermissions: String(Permissions.SEND_MESSAGES),
    nameLocalizations: { de: "male" },
    options: [
      { type: ApplicationCommandOptionTypes.STRING, name: "prompt", description: "What", required: true, autocomplete: true },
      { type: ApplicationCommandOptionTypes.INTEGER, name: "seed", description: "Which", minValue: 0, maxValue: 9 },
    ],
  },
  { name: "Paint this", type: ApplicationCommandTypes.MESSAGE },
];

async function paint(interaction) {
  await interaction.defer();
  const message = await interaction.editOriginal({
    content: `Painted ${interaction.data.options.getString("prompt")}`,
    files: [picture("picture.png")],
    components: [row(
      { type: ComponentTypes.BUTTON, style: ButtonStyles.PRIMARY, customID: "again", label: "Again" },
      { type: ComponentTypes.BUTTON, style: ButtonStyles.SECONDARY, customID: "edit", label: "Edit" },
    )],
    allowedMentions: { everyone: false },
  });
  const thread = await message.startThread({ name: "A lighthouse", autoArchiveDuration: 60 });
  await thread.createMessage({ content: "variations here", files: [picture("variation.png")] });
  const fetched = await interaction.getOriginal();
  say("painted", { message: message.id, thread: thread.id, attachment: fetched.attachments.first().filename });
}

async function again(interaction) {
  const options = [{ label: "Square", value: "1:1" }, { label: "Wide", value: "16:9" }];
  await interaction.editParent({
    content: "Painting again", components: [row({ type: ComponentTypes.STRING_SELECT, customID: "size", options })],
  });
  const shown = await interaction.createFollowup({ content: "only you see this", flags: MessageFlags.EPHEMERAL });
  say("pressed", { follow_up: shown.message.id });
}

async function choose(interaction) {
  const box = {
    type: ComponentTypes.CONTAINER,
    accentColor: 0x3366ff,
    components: [
      { type: ComponentTypes.TEXT_DISPLAY, content: `**${interaction.data.values.getStrings()[0]}**` },
      { type: ComponentTypes.MEDIA_GALLERY, items: [{ media: { url: "attachment://wide.png" } }] },
    ],
  };
  const sent = await interaction.createMessage({
    flags: MessageFlags.IS_COMPONENTS_V2, components: [box], files: [picture("wide.png")],
  });
  say("chosen", { message: (await sent.getMessage()).id });
}

async function ask(interaction) {
  const input = { type: ComponentTypes.TEXT_INPUT, customID: "prompt", style: TextInputStyles.PARAGRAPH, maxLength: 800 };
  await interaction.createModal({
    customID: "form",
    title: "Edit the prompt",
    components: [{ type: ComponentTypes.LABEL, label: "Prompt", component: input }],
  });
  say("asked");
}

async function submitted(interaction) {
  await interaction.createMessage({
    content: interaction.data.components.getTextInput("prompt"), flags: MessageFlags.EPHEMERAL,
  });
  say("submitted");
}

client.on("interactionCreate", async (interaction) => {
  try {
    if (interaction.type === InteractionTypes.APPLICATION_COMMAND_AUTOCOMPLETE) {
      const typed = interaction.data.options.getString("prompt");
      await interaction.result([{ name: `${typed} at dusk`, value: `${typed} at dusk` }]);
    } else if (interaction.type === InteractionTypes.APPLICATION_COMMAND) {
      await paint(interaction);
    } else if (interaction.type === InteractionTypes.MODAL_SUBMIT) {
      await submitted(interaction);
    } else if (interaction.isSelectMenuComponentInteraction()) {
      await choose(interaction);
    } else {
      await (interaction.data.customID === "edit" ? ask(interaction) : again(interaction));
    }
  } catch (error) {
    say("failed", { error: String(error.stack) });
  }
});

client.once("ready", async () => {
  const registered = await client.application.bulkEditGlobalCommands(COMMANDS);
  say("ready", { user: client.user.username, guilds: client.guilds.size, commands: registered.length });
});

client.on("error", (error) => say("failed", { error: String(error.stack) }));

process.on("SIGTERM", () => {
  client.disconnect(false);
  process.exit(0);
});

client.connect().catch((error) => {
  say("failed", { error: String(error) });
  process.exit(1);
});
