// A bot in discord.js that does what an image bot does, and says on standard output, one JSON line
// each, what it has done. Started by test_journeys.py; ends on SIGTERM.
"use strict";

const {
  ActionRowBuilder, ApplicationCommandOptionType, ApplicationCommandType, AttachmentBuilder, ButtonBuilder,
  ButtonStyle, Client, ContainerBuilder, Events, GatewayIntentBits, LabelBuilder, MediaGalleryBuilder,
  MessageFlags, ModalBuilder, PermissionFlagsBits, StringSelectMenuBuilder, TextInputBuilder, TextInputStyle,
} = require("discord.js");

const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==", "base64");

const say = (what, more = {}) => process.stdout.write(JSON.stringify({ what, ...more }) + "\n");
const picture = (name) => new AttachmentBuilder(PICTURE, { name, description: "a lighthouse" });

const client = new Client({
  intents: [GatewayIntentBits.Guilds],
  rest: { api: process.env.DISCORD_API_BASE_URL.replace(/\/v10$/, "") },
});

const COMMANDS = [
  {
    name: "paint",
    description: "Paint something",
    defaultMemberPermissions: PermissionFlagsBits.SendMessages,
    nameLocalizations: { de: "male" },
    options: [
      { type: ApplicationCommandOptionType.String, name: "prompt", description: "What", required: true, autocomplete: true },
      { type: ApplicationCommandOptionType.Integer, name: "seed", description: "Which", minValue: 0, maxValue: 9 },
    ],
  },
  { name: "Paint this", type: ApplicationCommandType.Message },
];

async function paint(interaction) {
  await interaction.deferReply();
  const buttons = new ActionRowBuilder().addComponents(
    new ButtonBuilder().setCustomId("again").setLabel("Again").setStyle(ButtonStyle.Primary),
    new ButtonBuilder().setCustomId("edit").setLabel("Edit").setStyle(ButtonStyle.Secondary),
  );
  const message = await interaction.editReply({
    content: `Painted ${interaction.options.getString("prompt")}`,
    files: [picture("picture.png")],
    components: [buttons],
    allowedMentions: { parse: [] },
  });
  const thread = await message.startThread({ name: "A lighthouse", autoArchiveDuration: 60 });
  await thread.send({ content: "variations here", files: [picture("variation.png")] });
  const fetched = await interaction.fetchReply();
  say("painted", { message: message.id, thread: thread.id, attachment: fetched.attachments.first().name });
}

async function again(interaction) {
  const select = new StringSelectMenuBuilder().setCustomId("size")
    .addOptions({ label: "Square", value: "1:1" }, { label: "Wide", value: "16:9" });
  await interaction.update({ content: "Painting again", components: [new ActionRowBuilder().addComponents(select)] });
  const shown = await interaction.followUp({ content: "only you see this", flags: MessageFlags.Ephemeral });
  say("pressed", { follow_up: shown.id });
}

async function choose(interaction) {
  const box = new ContainerBuilder().setAccentColor(0x3366ff)
    .addTextDisplayComponents((text) => text.setContent(`**${interaction.values[0]}**`))
    .addMediaGalleryComponents(new MediaGalleryBuilder().addItems((item) => item.setURL("attachment://wide.png")));
  const sent = await interaction.reply({
    flags: MessageFlags.IsComponentsV2, components: [box], files: [picture("wide.png")], withResponse: true,
  });
  say("chosen", { message: sent.resource.message.id });
}

async function ask(interaction) {
  const field = new TextInputBuilder().setCustomId("prompt").setStyle(TextInputStyle.Paragraph).setMaxLength(800);
  const modal = new ModalBuilder().setCustomId("form").setTitle("Edit the prompt")
    .addLabelComponents(new LabelBuilder().setLabel("Prompt").setTextInputComponent(field));
  await interaction.showModal(modal);
  say("asked");
}

async function submitted(interaction) {
  await interaction.reply({ content: interaction.fields.getTextInputValue("prompt"), flags: MessageFlags.Ephemeral });
  say("submitted");
}

client.on(Events.InteractionCreate, async (interaction) => {
  try {
    if (interaction.isAutocomplete()) {
      const typed = interaction.options.getFocused();
      await interaction.respond([{ name: `${typed} at dusk`, value: `${typed} at dusk` }]);
    } else if (interaction.isChatInputCommand()) {
      await paint(interaction);
    } else if (interaction.isButton()) {
      await (interaction.customId === "edit" ? ask(interaction) : again(interaction));
    } else if (interaction.isStringSelectMenu()) {
      await choose(interaction);
    } else if (interaction.isModalSubmit()) {
      await submitted(interaction);
    }
  } catch (error) {
    say("failed", { error: String(error) });
  }
});

client.once(Events.ClientReady, async () => {
  const registered = await client.application.commands.set(COMMANDS);
  say("ready", { user: client.user.username, guilds: client.guilds.cache.size, commands: registered.size });
});

process.on("SIGTERM", async () => {
  await client.destroy();
  process.exit(0);
});

client.login(process.env.DISCORD_TOKEN).catch((error) => {
  say("failed", { error: String(error) });
  process.exit(1);
});
