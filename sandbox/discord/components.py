"""Message and modal components, as typed trees.

What arrives is parsed into these structs (Discord's integer `type` is the tag), so a field of the
wrong type is refused before any handler sees it; limits are the business of `rules/`. What leaves
is built from the same structs, with the defaults that Discord fills in.

Source: Discord's reference, "Component Reference" (2026-08).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from sandbox.discord.shapes import JsonObject, only_set

Unfurl: TypeAlias = Callable[["Media"], JsonObject]
"""Turns a reference to a picture or file into what Discord shows of it."""


class PartialEmoji(Struct, kw_only=True):
    """A button's or option's emoji: a character, or a custom one by id."""

    name: str | None = None
    id: str | int | UnsetType | None = UNSET
    animated: bool | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Shows an id as a string, and none where a client says null."""
        if self.id is not UNSET:
            self.id = UNSET if self.id is None else str(self.id)


class Media(Struct, kw_only=True):
    """A picture or file by address; `attachment://name` is resolved to `attachment_id`."""

    url: str
    attachment_id: str | UnsetType = UNSET


class _Numbered(Struct, kw_only=True, tag_field="type"):
    id: int = 0


class Button(_Numbered, tag=2, kw_only=True):
    """A click, a link or a purchase."""

    style: int
    label: str | UnsetType | None = UNSET
    emoji: PartialEmoji | UnsetType | None = UNSET
    custom_id: str | UnsetType | None = UNSET
    url: str | UnsetType | None = UNSET
    sku_id: str | int | UnsetType | None = UNSET
    disabled: bool | UnsetType = UNSET


class Option(Struct, kw_only=True):
    """One choice of a select or of a group in a modal."""

    label: str
    value: str
    description: str | UnsetType | None = UNSET
    emoji: PartialEmoji | UnsetType | None = UNSET
    default: bool | UnsetType = UNSET


class DefaultValue(Struct, kw_only=True):
    """What a select of users, roles or channels starts with."""

    id: str | int
    type: str

    def __post_init__(self) -> None:
        """Shows the id as a string, whatever the client sent."""
        self.id = str(self.id)


class _Select(_Numbered, kw_only=True):
    custom_id: str
    placeholder: str | UnsetType | None = UNSET
    min_values: int = 1
    max_values: int = 1
    disabled: bool | UnsetType = UNSET
    required: bool | UnsetType = UNSET


class StringSelect(_Select, tag=3, kw_only=True):
    """A select of given options."""

    options: list[Option]


class TextInput(_Numbered, tag=4, kw_only=True):
    """A modal's text field."""

    custom_id: str
    style: int
    label: str | UnsetType | None = UNSET
    min_length: int | UnsetType | None = UNSET
    max_length: int | UnsetType | None = UNSET
    required: bool | UnsetType | None = UNSET
    value: str | UnsetType | None = UNSET
    placeholder: str | UnsetType | None = UNSET


class UserSelect(_Select, tag=5, kw_only=True):
    """A select of members."""

    default_values: list[DefaultValue] | UnsetType = UNSET


class RoleSelect(_Select, tag=6, kw_only=True):
    """A select of roles."""

    default_values: list[DefaultValue] | UnsetType = UNSET


class MentionableSelect(_Select, tag=7, kw_only=True):
    """A select of members and roles."""

    default_values: list[DefaultValue] | UnsetType = UNSET


class ChannelSelect(_Select, tag=8, kw_only=True):
    """A select of channels."""

    channel_types: list[int] | UnsetType = UNSET
    default_values: list[DefaultValue] | UnsetType = UNSET


class TextDisplay(_Numbered, tag=10, kw_only=True):
    """Markdown in a V2 message."""

    content: str


class Thumbnail(_Numbered, tag=11, kw_only=True):
    """A small picture beside a section."""

    media: Media
    description: str | None = None
    spoiler: bool = False


class GalleryItem(Struct, kw_only=True):
    """One picture of a gallery."""

    media: Media
    description: str | None = None
    spoiler: bool = False


class MediaGallery(_Numbered, tag=12, kw_only=True):
    """Up to ten pictures."""

    items: list[GalleryItem]


class File(_Numbered, tag=13, kw_only=True):
    """An uploaded file, shown in place."""

    file: Media
    spoiler: bool = False


class Separator(_Numbered, tag=14, kw_only=True):
    """Space between components."""

    divider: bool = True
    spacing: int = 1


class Section(_Numbered, tag=9, kw_only=True):
    """Text with something beside it."""

    components: list[TextDisplay]
    accessory: Button | Thumbnail


class ActionRow(_Numbered, tag=1, kw_only=True):
    """Up to five buttons, one select, or one text input."""

    components: list[Button | TextInput | Select]


class Container(_Numbered, tag=17, kw_only=True):
    """A box with an accent colour."""

    components: list[ActionRow | Section | TextDisplay | MediaGallery | File | Separator]
    accent_color: int | None = None
    spoiler: bool = False


class FileUpload(_Numbered, tag=19, kw_only=True):
    """A modal's file field."""

    custom_id: str
    min_values: int = 1
    max_values: int = 1
    required: bool = True


class RadioGroup(_Numbered, tag=21, kw_only=True):
    """A modal's choice of one."""

    custom_id: str
    options: list[Option]
    required: bool = True


class CheckboxGroup(_Numbered, tag=22, kw_only=True):
    """A modal's choice of several."""

    custom_id: str
    options: list[Option]
    min_values: int | UnsetType = UNSET
    max_values: int | UnsetType = UNSET
    required: bool = True


class Checkbox(_Numbered, tag=23, kw_only=True):
    """A modal's yes or no."""

    custom_id: str
    default: bool = False


class Label(_Numbered, tag=18, kw_only=True):
    """A modal's field with its caption."""

    label: str
    component: Field
    description: str | UnsetType | None = UNSET


MessageComponent: TypeAlias = (
    ActionRow | Section | TextDisplay | MediaGallery | File | Separator | Container
)
"""What may stand at the top of a message."""

ModalComponent: TypeAlias = ActionRow | Label | TextDisplay
"""What may stand at the top of a modal."""

Select: TypeAlias = StringSelect | UserSelect | RoleSelect | MentionableSelect | ChannelSelect
"""Every kind of select."""

Field: TypeAlias = Select | TextInput | FileUpload | RadioGroup | CheckboxGroup | Checkbox
"""What a member fills in in a modal."""


def walk(components: Iterable[Struct]) -> Iterator[Struct]:
    """Every component of a tree, parents before children."""
    for component in components:
        yield component
        yield from walk(_children(component))


def number(components: Iterable[Struct]) -> None:
    """Gives each component without an id the next free one, as Discord does."""
    everything = [each for each in walk(components) if isinstance(each, _Numbered)]
    taken = {each.id for each in everything if each.id}
    free = 1
    for component in everything:
        if component.id:
            continue
        while free in taken:
            free += 1
        component.id = free
        taken.add(free)


def media_of(components: Iterable[Struct]) -> Iterator[Media]:
    """Every reference to a picture or file."""
    for component in walk(components):
        match component:
            case Thumbnail(media=media) | File(file=media):
                yield media
            case MediaGallery(items=items):
                yield from (item.media for item in items)


def find_interactive(components: Iterable[Struct], custom_id: str) -> Button | Select | None:
    """The button or select with this id, or None."""
    for component in walk(components):
        if isinstance(component, Button | Select) and component.custom_id == custom_id:
            return component
    return None


def component_objects(components: Iterable[Struct], unfurl: Unfurl) -> list[JsonObject]:
    """The tree as Discord shows it, media resolved."""
    return [_object(component, unfurl) for component in components]


def _object(component: Struct, unfurl: Unfurl) -> JsonObject:
    shown: JsonObject = msgspec.to_builtins(component)
    match component:
        case Thumbnail(media=media):
            shown["media"] = unfurl(media)
        case File(file=media):
            unfurled = unfurl(media)
            shown |= {"file": unfurled, "name": unfurled.pop("name"), "size": unfurled.pop("size")}
        case MediaGallery(items=items):
            shown["items"] = [
                {"media": unfurl(i.media), "description": i.description, "spoiler": i.spoiler}
                for i in items
            ]
        case StringSelect(options=options):
            shown["options"] = [only_set(msgspec.to_builtins(each)) for each in options]
        case ActionRow(components=inner) | Container(components=inner):
            shown["components"] = component_objects(inner, unfurl)
        case Section(components=texts, accessory=accessory):
            shown["components"] = component_objects(texts, unfurl)
            shown["accessory"] = _object(accessory, unfurl)
    return {name: value for name, value in shown.items() if value is not None or name in _NULLABLE}


_NULLABLE = frozenset({"accent_color", "description", "size", "name"})
"""Fields that Discord shows as null; others are left out when they have no value."""


def _children(component: Struct) -> Iterable[Struct]:
    match component:
        case ActionRow(components=inner) | Container(components=inner):
            return inner
        case Section(components=texts, accessory=accessory):
            return [*texts, accessory]
        case Label(component=inner):
            return [inner]
    return ()
