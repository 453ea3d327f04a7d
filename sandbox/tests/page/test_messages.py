"""How messages look: every mark, box, picture and state that Discord's messages have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from sandbox.tests.page.window import ON_THE_PAGE

if TYPE_CHECKING:
    from sandbox.discord.records import Channel
    from sandbox.server import Sandbox
    from sandbox.tests.page.showcase import Showcase
    from sandbox.tests.page.window import Window, Windows

pytestmark = ON_THE_PAGE


async def test_markdown_becomes_elements_and_never_html(window: Window) -> None:
    """Headings, lists, code and links are what they say; markup of HTML stays text."""
    await window.call("text")
    text = window.message("Heading one").locator(".markdown")
    await expect(text.get_by_role("heading")).to_have_text(
        ["Heading one", "Heading two", "Heading three"]
    )
    await expect(text.locator("strong")).to_have_text(["bold", "both", "words"])
    await expect(text.locator("em")).to_have_text(["italic", "both"])
    await expect(text.locator("u")).to_have_text("underlined")
    await expect(text.locator("s")).to_have_text("struck")
    await expect(text.locator("blockquote")).to_have_text("quoted words\nin two lines")
    await expect(text.locator("ul > li")).to_have_text(["first", "second", "below"])
    await expect(text.locator("ol > li")).to_have_text(["one", "two"])
    await expect(text.locator("pre")).to_have_text('print("<b>not bold</b>")')
    await expect(text.locator("time")).to_contain_text("ago")
    links = text.get_by_role("link")
    await expect(links).to_have_text(["a link", "https://example.com/x"])
    await expect(links.first).to_have_attribute("rel", "noopener noreferrer")
    await expect(text).to_contain_text('*escaped*\n<script>document.title = "broken"</script>')
    assert "broken" not in await window.page.title()


async def test_a_spoiler_is_silent_until_it_is_pressed(window: Window) -> None:
    """The hidden words are neither seen nor read out before."""
    await window.call("text")
    cover = window.message("Heading one").get_by_role("button", name="Spoiler")
    words = window.page.get_by_text("hidden", exact=True)
    await expect(words).to_be_hidden()
    await cover.press("Enter")
    await expect(words).to_be_visible()


async def test_an_embed_shows_all_its_parts(window: Window) -> None:
    """Author, linked title, fields, picture and footer; other pictures stand above it."""
    await window.call("embed")
    message = window.message("look")
    box = message.locator(".embed")
    await expect(box.get_by_role("link", name="An embed")).to_have_attribute(
        "href", "https://example.com"
    )
    await expect(box.locator("dt")).to_have_text(["one", "two", "wide"])
    await expect(box).to_contain_text("Parrhasius")
    await expect(box).to_contain_text("a curtain ·")
    await expect(box.locator("img")).to_have_js_property("naturalWidth", 640)
    await expect(
        message.get_by_role("button", name="Open the picture: grapes number 2")
    ).to_be_visible()


async def test_a_picture_opens_large_with_its_description(window: Window) -> None:
    """The viewer names the picture, leafs through a gallery, and gives the focus back."""
    await window.call("card")
    first = window.page.get_by_role("button", name="Open the picture: grapes number 1").first
    await first.click()
    viewer = window.page.get_by_role("dialog", name="Picture")
    await expect(viewer).to_contain_text("grapes number 1")
    await expect(viewer.locator("img")).to_have_js_property("naturalWidth", 640)
    await window.keys("ArrowRight")
    await expect(viewer).to_contain_text("grapes number 2")
    await window.keys("Escape")
    await expect(viewer).to_be_hidden()
    await expect(first).to_be_focused()


async def test_a_covered_picture_asks_before_it_shows(window: Window) -> None:
    """The first press uncovers, the second opens."""
    await window.call("card")
    await window.page.get_by_role("button", name="Spoiler, press to see it").click()
    await expect(window.page.get_by_role("dialog", name="Picture")).to_be_hidden()
    await window.page.get_by_role("button", name="Spoiler, open the picture").click()
    await expect(window.page.get_by_role("dialog", name="Picture")).to_be_visible()


async def test_a_card_shows_every_component(window: Window) -> None:
    """Text, gallery, section, file, buttons of every style and a select."""
    await window.call("card")
    card = window.message("A card")
    await expect(card.get_by_role("heading", name="A card")).to_be_visible()
    await expect(card.get_by_role("link", name="notes.txt")).to_have_attribute(
        "download", "notes.txt"
    )
    await expect(card.get_by_role("button", name="Off")).to_be_disabled()
    await expect(card.get_by_role("link", name="Site")).to_have_attribute(
        "href", "https://example.com"
    )
    await expect(card.get_by_role("combobox", name="Choose birds")).to_be_enabled()
    colour = await card.locator(".container").evaluate(
        "box => getComputedStyle(box).borderLeftColor"
    )
    assert colour == "rgb(63, 158, 110)"


async def test_an_ephemeral_message_is_for_one_and_can_be_dismissed(
    window: Window, windows: Windows
) -> None:
    """Others never see it; dismissed, it stays away after a reload."""
    other = await windows.open("Ben")
    await window.call("whisper")
    whisper = window.message("for your eyes")
    await expect(whisper).to_contain_text("Only you can see this")
    await window.call("think")
    await expect(other.message("a thought")).to_be_visible()
    await expect(other.message("for your eyes")).to_be_hidden()
    await whisper.get_by_role("button", name="Dismiss message").click()
    await expect(whisper).to_be_hidden()
    await window.page.reload()
    await expect(window.message("a thought")).to_be_visible()
    await expect(window.message("for your eyes")).to_be_hidden()


async def test_a_silent_bot_is_said_to_be_silent(window: Window) -> None:
    """After three seconds without an answer the member learns so."""
    await window.call("silent")
    await expect(window.channel).to_contain_text("The application did not respond")
    await window.channel.get_by_role("button", name="Dismiss message").click()
    await expect(window.channel).not_to_contain_text("did not respond")


async def test_a_thread_opens_beside_its_channel(window: Window) -> None:
    """The chip under the message counts and leads there; the thread begins with that message."""
    await window.call("think")
    chip = window.channel.get_by_role("button", name="Thoughts 1 message")
    await chip.click()
    await expect(window.message("inside", place=window.thread)).to_be_visible()
    await expect(window.message("a thought", place=window.thread)).to_be_visible()
    await window.thread.get_by_role("textbox").fill("and more")
    await window.keys("Enter")
    await expect(window.channel.get_by_role("button", name="Thoughts 2 messages")).to_be_visible()
    await window.thread.get_by_role("button", name="Close the thread").click()
    await expect(window.thread).to_be_hidden()


async def test_writing_replying_and_deleting_are_seen_by_others(
    windows: Windows, window: Window
) -> None:
    """A message and a reply with its preview appear on the other page, and go when deleted."""
    other = await windows.open("Ben")
    await window.composer.fill("are there **birds**?\n> I see none")
    await window.keys("Enter")
    question = other.message("are there birds?")
    await question.hover()
    await question.get_by_role("button", name="Reply").click()
    await other.type("two of them")
    await other.keys("Enter")
    answer = window.message("two of them")
    await expect(answer.get_by_role("button", name="are there birds? I see none")).to_be_visible()
    await expect(answer.locator(".mentions-me")).to_be_visible()
    menu = await window.menu_of(window.channel.locator("zx-message").first)
    await menu.get_by_role("menuitem", name="Delete message").click()
    await expect(other.message("two of them")).to_contain_text("The message was deleted")


async def test_messages_of_one_author_stand_together(window: Window) -> None:
    """Only the first of a group carries the name."""
    for text in ("one", "two", "three"):
        await window.composer.fill(text)
        await window.keys("Enter")
        await expect(window.message(text)).to_be_visible()
    await expect(window.channel.locator("article.head")).to_have_count(1)
    await expect(window.channel.locator("article header")).to_contain_text("Ada")


async def test_the_keyboard_walks_through_messages(window: Window) -> None:
    """Arrow up leaves the empty composer for the last message; Enter opens its menu."""
    for text in ("one", "two"):
        await window.composer.fill(text)
        await window.keys("Enter")
        await expect(window.message(text)).to_be_visible()
    await window.keys("ArrowUp", "ArrowUp", "Enter")
    menu = window.page.get_by_role("menu")
    await expect(menu.get_by_role("menuitem", name="Reply")).to_be_focused()
    await window.keys("Enter")
    await expect(window.channel).to_contain_text("Replying to Ada")
    await expect(window.composer).to_be_focused()


async def test_older_messages_are_drawn_as_one_scrolls_up(
    sandbox: Sandbox, windows: Windows
) -> None:
    """A long channel opens at its end and gives its beginning when asked."""
    fill(sandbox, 200)
    window = await windows.open("Ada")
    await expect(window.message("message 199")).to_be_in_viewport()
    await expect(window.message("message 3.")).to_have_count(0)
    scroller = window.channel.locator(".scroller")
    while await window.message("message 3.").count() == 0:
        await scroller.evaluate("one => one.scrollTo(0, 0)")
    await expect(window.channel.get_by_role("heading", name="Welcome to #pictures")).to_have_count(
        1
    )
    await window.channel.get_by_role("button", name="To the newest").click()
    await expect(window.message("message 199")).to_be_in_viewport()


def fill(sandbox: Sandbox, count: int, channel: Channel | None = None) -> None:
    """Puts that many messages of three members into a channel, by default the first."""
    from sandbox.discord.message_bodies import MessageBody
    from sandbox.discord.posting import Draft, create_message

    state = sandbox.state
    guild = next(iter(state.guilds.values()))
    channel = channel or state.channels_of(guild.id)[0]
    authors = [user_id for user_id in guild.members if user_id != state.bot_id]
    for number in range(count):
        draft = Draft(channel=channel, author_id=authors[number // 4 % 3])
        create_message(state, draft, MessageBody(content=f"message {number}."))


async def test_reactions_are_counted_and_taken_back(windows: Windows, window: Window) -> None:
    """By menu or by pressing the one that is there; others see them at once."""
    other = await windows.open("Ben")
    await window.composer.fill("which one?")
    await window.keys("Enter")
    menu = await window.menu_of(window.message("which one?"))
    await menu.get_by_role("menuitem", name="React with 👍").click()
    await other.message("which one?").get_by_role("button", name="👍, 1").click()
    mine = window.message("which one?").get_by_role("button", name="👍, 2")
    await mine.click()
    await expect(other.message("which one?").get_by_role("button", name="👍, 1")).to_be_visible()


async def test_typing_shows_until_the_message_is_there(window: Window, bot: Showcase) -> None:
    """Who types is named under the text field."""
    channel = bot.get_partial_messageable(int(window.page.url.split("/")[-1].split("?")[0]))
    async with channel.typing():
        await expect(window.page.get_by_text("Zeuxis is typing")).to_be_visible()
        await channel.send("there")
    await expect(window.message("there")).to_be_visible()
    await expect(window.page.get_by_text("Zeuxis is typing")).to_be_hidden()
