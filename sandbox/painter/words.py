"""What to paint, read from the words of the prompt; the rest is left to chance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from sandbox.painter.colours import PALETTES

if TYPE_CHECKING:
    from random import Random

    from sandbox.painter.colours import Colour

_T = TypeVar("_T")


class Scene(StrEnum):
    """The landscape."""

    MOUNTAINS = "mountains"  # ridges in the mist
    LAKE = "lake"  # ridges and their reflection
    SEA = "sea"  # a wide horizon
    HILLS = "hills"  # rolling, with trees
    FOREST = "forest"  # pines, layer behind layer
    CITY = "city"  # a skyline by the water
    DESERT = "desert"  # dunes
    SPACE = "space"  # stars and a planet


WET = frozenset({Scene.LAKE, Scene.SEA, Scene.CITY})


class Style(StrEnum):
    """How it is painted."""

    PLAIN = "plain"  # flat layers
    WATERCOLOUR = "watercolour"  # thin, with a ragged edge of paper
    INK = "ink"  # greys, and a red seal
    PIXELS = "pixels"  # coarse squares


class Subject(StrEnum):
    """What stands, sails or flies in it."""

    CAT = "cat"
    DOG = "dog"
    BIRDS = "birds"
    BOAT = "boat"
    HOUSE = "house"
    LIGHTHOUSE = "lighthouse"
    TREE = "tree"
    FLOWERS = "flowers"
    PERSON = "person"
    BALLOON = "balloon"
    GRAPES = "grapes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A decided picture."""

    scene: Scene
    palette: str
    style: Style
    subjects: tuple[Subject, ...]
    colour: Colour | None  # that the prompt names


_SCENES: dict[Scene, str] = {
    Scene.CITY: "city town street skyline downtown tokyo paris urban 城市 街 都市 楼",
    Scene.SPACE: "space planet galaxy universe cosmos astronaut rocket 太空 宇宙 星球 银河",
    Scene.LAKE: "lake river pond reflection 湖 河 江 山水",
    Scene.SEA: "sea ocean beach coast wave waves harbour harbor island whale 海 沙滩",
    Scene.FOREST: "forest wood woods pine jungle fox bear deer 森林 树林 松",
    Scene.DESERT: "desert dune dunes camel sahara sand canyon 沙漠 骆驼",
    Scene.MOUNTAINS: "mountain mountains peak alps summit cliff dragon temple 山 峰 寺",
    Scene.HILLS: "hill hills meadow field farm garden village countryside 田 草原 花园 村 乡",
}
_PALETTES: dict[str, str] = {
    "night": "night moon stars midnight starry neon 夜 月 星",
    "dusk": "dusk twilight evening cyberpunk 黄昏 傍晚",
    "golden": "sunset golden sundown warm 夕阳 日落 金色",
    "dawn": "dawn sunrise morning mist fog 黎明 日出 晨 雾",
    "winter": "snow winter ice christmas snowy frozen 雪 冬 冰",
    "autumn": "autumn fall october harvest grapes vineyard 秋",
    "spring": "spring blossom cherry sakura flower flowers tulip rose 春 樱 花",
    "day": "day noon sunny summer blue bright happy 夏 晴 白天 阳光",
}
_STYLES: dict[Style, str] = {
    Style.WATERCOLOUR: "watercolor watercolour aquarelle 水彩",
    Style.INK: "ink sumi calligraphy monochrome 水墨 国画 墨",
    Style.PIXELS: "pixel pixels 8-bit retro voxel 像素",
}
_SUBJECTS: dict[Subject, str] = {
    Subject.CAT: "cat cats kitten kitty 猫",
    Subject.DOG: "dog dogs puppy wolf corgi 狗 犬",
    Subject.BIRDS: "bird birds crane gull swallow eagle 鸟 鹤 燕 鹰",
    Subject.BOAT: "boat boats ship sail sailing yacht junk 船 舟 帆",
    Subject.HOUSE: "house cottage cabin home hut village temple 房 屋 家 寺",
    Subject.LIGHTHOUSE: "lighthouse tower 灯塔 塔",
    Subject.TREE: "tree trees oak cherry sakura blossom 树 樱",
    Subject.FLOWERS: "flower flowers rose tulip sunflower garden meadow 花 玫瑰 向日葵",
    Subject.PERSON: "person man woman girl boy lady traveller traveler samurai wizard 人 女 男 孩",
    Subject.BALLOON: "balloon balloons airship 气球",
    Subject.GRAPES: "grape grapes vine zeuxis fruit 葡萄 水果",
}
_COLOURS: dict[str, Colour] = {
    "orange ginger 橘 橙": (222, 126, 48),
    "black 黑": (44, 42, 48),
    "white 白": (238, 234, 228),
    "grey gray silver 灰": (140, 142, 150),
    "red crimson 红": (200, 56, 48),
    "yellow gold 黄 金": (234, 186, 64),
    "green 绿": (88, 150, 84),
    "blue 蓝": (70, 116, 190),
    "purple violet 紫": (128, 84, 170),
    "pink 粉": (236, 150, 170),
    "brown 棕": (134, 86, 54),
}
_FITTING: dict[Scene, tuple[str, ...]] = {
    Scene.DESERT: ("golden", "dusk", "dawn", "autumn", "night"),
    Scene.SPACE: ("night",),
}
_AT_HOME: dict[Scene, tuple[Subject, ...]] = {
    Scene.MOUNTAINS: (Subject.BIRDS, Subject.BALLOON, Subject.HOUSE),
    Scene.LAKE: (Subject.BIRDS, Subject.BOAT, Subject.TREE),
    Scene.SEA: (Subject.BOAT, Subject.LIGHTHOUSE, Subject.BIRDS),
    Scene.HILLS: (Subject.TREE, Subject.HOUSE, Subject.BALLOON),
    Scene.FOREST: (Subject.BIRDS, Subject.PERSON),
    Scene.CITY: (Subject.BALLOON, Subject.BOAT),
    Scene.DESERT: (Subject.PERSON, Subject.BIRDS),
    Scene.SPACE: (Subject.PERSON,),
}


def theme(prompt: str, chance: Random) -> Theme:
    """Named things first; the scene's own if nothing is named."""
    text = prompt.lower()
    words = frozenset(re.findall(r"[a-z0-9-]+", text))
    palette = _first(_PALETTES, words, text)
    scene = _first(_SCENES, words, text) or chance.choice(_scenes_for(palette))
    subjects = tuple(one for one, names in _SUBJECTS.items() if _is_named(names, words, text))
    if Subject.BOAT in subjects and scene not in WET:
        scene = Scene.LAKE if scene is Scene.MOUNTAINS else Scene.SEA
    fitting = _FITTING.get(scene, tuple(PALETTES))
    unnamed = tuple(one for one in fitting if one != "winter")
    return Theme(
        scene=scene,
        palette=palette if palette in fitting else chance.choice(unnamed),
        style=_first(_STYLES, words, text) or Style.PLAIN,
        subjects=subjects or (chance.choice(_AT_HOME[scene]),),
        colour=next(
            (colour for names, colour in _COLOURS.items() if _is_named(names, words, text)), None
        ),
    )


def _scenes_for(palette: str | None) -> list[Scene]:
    """Space is never chosen by chance."""
    earthly: list[Scene] = [one for one in Scene if one is not Scene.SPACE]
    if palette is None:
        return earthly
    return [one for one in earthly if palette in _FITTING.get(one, (palette,))]


def _first(named: dict[_T, str], words: frozenset[str], text: str) -> _T | None:
    return next((one for one, names in named.items() if _is_named(names, words, text)), None)


def _is_named(names: str, words: frozenset[str], text: str) -> bool:
    return any(name in words if name.isascii() else name in text for name in names.split())
