"""A check of pictures by a classifier in a file, on this machine. Needs the extra `check`.

What the file itself does not say stands beside it, as Hugging Face lays models out: labels in
`labels.txt` (one a line) or `config.json`, how colours become numbers in `config.json` (timm) or
`preprocessor_config.json` (transformers). The picture is pressed into the model's square and not
cropped: what lies at the sides of a wide one is looked at, too.

Whatever is odd about a model is said when it is loaded, and never guessed: a wrong guess would let
pictures pass, quietly.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct

from bot.errors import CheckFailed, RelayError, Retry, SettingsError
from bot.providers.image import Size
from bot.providers.picture_check import PictureScore

if TYPE_CHECKING:
    from pathlib import Path

SETTING = "PICTURE_CHECK_MODEL"
_HARMLESS = frozenset(
    {
        *("sfw", "safe", "safeforwork", "notnsfw", "nonnsfw", "normal", "neutral", "general"),
        *("clean", "benign", "harmless", "drawing", "drawings"),
    }
)
_TYPES = {"tensor(float)": "float32", "tensor(float16)": "float16", "tensor(uint8)": "uint8"}
_LARGEST_SIDE_PX = 2048
_MOST_CLASSES = 100
_TOLERANCE = 1e-2  # half precision is that coarse
_SILENT = 4  # its errors are raised, and need not be printed as well
_Config = TypeVar("_Config", bound=msgspec.Struct)

# Red, green and blue of a whole picture pressed into that size. Raises RelayError.
Pixels = Callable[[bytes, Size], bytes]


class OnnxCheck:
    """A PictureCheck. Loading blocks for about a second and raises SettingsError."""

    name = "model"
    sends_abroad = False

    def __init__(self, path: Path, *, pixels: Pixels) -> None:
        try:
            self._model = _Classifier(path)
        except _Odd as odd:
            raise SettingsError((f"{SETTING}: {path}: {odd}",)) from odd
        self._pixels = pixels
        self._one_at_a_time = asyncio.Lock()  # each holds a decoded picture, and a core

    async def check(self, picture: bytes, *, prompt: str) -> PictureScore:  # noqa: ARG002  # looks only
        """As `PictureCheck.check` says, in a thread."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._check, picture)

    def _check(self, picture: bytes) -> PictureScore:
        try:
            return PictureScore.worst_of(
                self._model.harms(self._pixels(picture, self._model.entry.size))
            )
        except RelayError as error:
            raise CheckFailed(f"not looked at: {error}") from error
        except _Odd as error:
            raise CheckFailed(f"the model failed: {error}", retry=Retry.BACKOFF) from error


class _Odd(Exception):
    """What is wrong with a model, or with what it said."""


class _Entry(Struct, frozen=True, kw_only=True):
    """How a picture is put into the model."""

    name: str
    kind: str  # numpy's name of the type of its numbers
    size: Size
    is_channels_first: bool


class _Classifier:
    """The file with what stands beside it; blocks while it works."""

    def __init__(self, path: Path) -> None:
        self._session = _opened(path)
        said = _Said.beside(path)
        self.entry = _entry(self._session, said)
        self._output = self._session.get_outputs()[0].name
        self._scaling = _scaling(said, is_needed=self.entry.kind != "uint8")
        trials = [self._run(bytes([grey]) * 3 * self.entry.size.area_px) for grey in (0, 128, 255)]
        self._labels = _labels(said, count=len(trials[0]))
        self._is_exclusive = len(trials[0]) > 1 and not said.is_multi_label
        self._is_raw = "logit" in self._output or not all(map(self._are_shares, trials))

    def harms(self, rgb: bytes) -> Mapping[str, float]:
        """How likely each label is that means harm. Raises _Odd."""
        outputs = self._run(rgb)
        if self._is_raw:
            outputs = _softmax(outputs) if self._is_exclusive else [*map(_sigmoid, outputs)]
        elif not self._are_shares(outputs):
            raise _Odd(f"{outputs} are no probabilities, as those of the trial were")
        scored = zip(self._labels, outputs, strict=True)
        return {label: _within(share) for label, share in scored if not _is_harmless(label)}

    def _run(self, rgb: bytes) -> list[float]:
        try:
            (outputs,) = self._session.run([self._output], {self.entry.name: self._array(rgb)})
            numbers = [float(number) for number in outputs.reshape(-1)]
        except Exception as error:  # what onnxruntime raises has no base of its own
            raise _Odd(_first_line(error)) from error
        if not numbers or len(numbers) > _MOST_CLASSES or not all(map(math.isfinite, numbers)):
            raise _Odd(f"expected the scores of at most {_MOST_CLASSES} classes, got {outputs}")
        return numbers

    def _array(self, rgb: bytes) -> Any:
        import numpy as np

        entry = self.entry
        pixels = np.frombuffer(rgb, np.uint8).reshape(
            1, entry.size.height_px, entry.size.width_px, 3
        )
        if self._scaling is not None:
            factor, mean, std = self._scaling
            pixels = (pixels * np.float32(factor) - np.array(mean, "f4")) / np.array(std, "f4")
        if entry.is_channels_first:
            pixels = pixels.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(pixels, dtype=entry.kind)

    def _are_shares(self, outputs: Sequence[float]) -> bool:
        """Whether they are probabilities as they stand."""
        are_within = all(-_TOLERANCE <= one <= 1 + _TOLERANCE for one in outputs)
        return are_within and (not self._is_exclusive or abs(sum(outputs) - 1) <= _TOLERANCE)


# ------------------------------------------------------------------------------------------------
# What the file says.


def _opened(path: Path) -> Any:
    """A session of onnxruntime. Raises _Odd."""
    try:
        import numpy as np  # noqa: F401  # first used with a picture
        import onnxruntime
        import PIL  # noqa: F401  # likewise
    except ImportError as error:
        raise _Odd(f"needs the extra `check` of zeuxis: {error}") from error
    onnxruntime.disable_telemetry_events()  # of its builds for Windows
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the rest of the machine is the bot's
    options.log_severity_level = _SILENT
    try:
        path.open("rb").close()
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except OSError as error:
        raise _Odd(f"cannot be read: {error.strerror}") from error
    except Exception as error:  # what onnxruntime raises has no base of its own
        raise _Odd(f"expected a model in ONNX: {_first_line(error)}") from error


def _entry(session: Any, said: _Said) -> _Entry:
    inputs = session.get_inputs()
    shape, kind = inputs[0].shape, inputs[0].type
    if len(inputs) > 1 or len(shape) != 4 or kind not in _TYPES:
        raise _Odd(f"expected one input, for a batch of pictures, got {len(inputs)}, {kind}{shape}")
    batch, *rest = (side if isinstance(side, int) else None for side in shape)
    is_channels_first = rest[2] != 3 or rest[0] == 3
    channels, height_px, width_px = rest if is_channels_first else (rest[2], *rest[:2])
    if batch not in (None, 1) or channels not in (None, 3):
        raise _Odd(f"expected an input for one picture in three colours, got {shape}")
    side_px = said.side_px
    sides = (width_px or side_px, height_px or side_px)
    if not all(0 < side <= _LARGEST_SIDE_PX for side in sides):
        raise _Odd(f"the size of its input, {shape}, is told by no {_PREPROCESSOR}")
    return _Entry(
        name=inputs[0].name,
        kind=_TYPES[kind],
        size=Size(*sides),
        is_channels_first=is_channels_first,
    )


# ------------------------------------------------------------------------------------------------
# What stands beside it.


_CONFIG, _PREPROCESSOR = "config.json", "preprocessor_config.json"
_Triple = tuple[float, float, float]


class _Pretrained(msgspec.Struct):
    label_names: list[str] = []
    input_size: tuple[int, int, int] | None = None
    mean: _Triple | None = None
    std: _Triple | None = None


class _ModelConfig(msgspec.Struct):
    id2label: dict[int, str] = {}
    label_names: list[str] = []
    problem_type: str | None = None
    pretrained_cfg: _Pretrained = msgspec.field(default_factory=_Pretrained)


class _Sides(msgspec.Struct):
    height: int = 0
    width: int = 0


class _Preprocessor(msgspec.Struct):
    image_mean: _Triple | None = None
    image_std: _Triple | None = None
    do_normalize: bool = True
    do_rescale: bool = True
    rescale_factor: float = 1 / 255
    size: int | _Sides = 0


class _Said(Struct, frozen=True, kw_only=True):
    """By the files beside a model; empty where they say nothing."""

    labels: tuple[str, ...]
    is_multi_label: bool
    side_px: int
    factor: float
    mean: _Triple | None
    std: _Triple | None

    @classmethod
    def beside(cls, path: Path) -> _Said:
        folder = path.parent
        if folder.name == "onnx":  # where transformers' own exports lie, below what describes them
            folder = folder.parent
        config = _read_config(folder / _CONFIG, _ModelConfig)
        before = _read_config(folder / _PREPROCESSOR, _Preprocessor)
        timm = config.pretrained_cfg
        normalises = before.do_normalize
        return cls(
            labels=_read_labels(path.parent / "labels.txt") or _labels_of(config),
            is_multi_label=config.problem_type == "multi_label_classification",
            side_px=_side_px(before.size) or (timm.input_size or (3, 0, 0))[1],
            factor=before.rescale_factor if before.do_rescale else 1.0,
            mean=(before.image_mean or timm.mean) if normalises else (0.0, 0.0, 0.0),
            std=(before.image_std or timm.std) if normalises else (1.0, 1.0, 1.0),
        )


def _read_config(path: Path, kind: type[_Config]) -> _Config:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return kind()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _Odd(f"{path.name} beside it cannot be read: {_first_line(error)}") from error


def _read_labels(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise _Odd(f"{path.name} beside it cannot be read: {_first_line(error)}") from error
    return tuple(line.strip() for line in lines if line.strip())


def _labels_of(config: _ModelConfig) -> tuple[str, ...]:
    by_number = config.id2label
    if sorted(by_number) != [*range(len(by_number))]:
        raise _Odd(f"id2label in {_CONFIG} does not count from 0")
    numbered = tuple(by_number[number] for number in sorted(by_number))
    return numbered or tuple(config.label_names or config.pretrained_cfg.label_names)


def _side_px(size: int | _Sides) -> int:
    if isinstance(size, int):
        return size
    return size.height if size.height == size.width else 0


def _scaling(said: _Said, *, is_needed: bool) -> tuple[float, _Triple, _Triple] | None:
    """What each colour is multiplied by, then lessened by, then divided by."""
    if not is_needed:
        return None  # it takes bytes, and does that itself
    if said.mean is None or said.std is None or 0 in said.std:
        raise _Odd(
            "expected the mean and the deviation of colours (image_mean, image_std) in"
            f" {_PREPROCESSOR} beside it, or in its {_CONFIG}"
        )
    return said.factor, said.mean, said.std


def _labels(said: _Said, *, count: int) -> tuple[str, ...]:
    """One for each class; without any the last of two, or the only one, means harm."""
    labels = said.labels or {1: ("unsafe",), 2: ("safe", "unsafe")}.get(count, ())
    if len(labels) != count or len(set(labels)) != count:
        raise _Odd(f"it has {count} classes, and labels.txt or {_CONFIG} names {len(labels)}")
    harmless = [*map(_is_harmless, labels)]
    if all(harmless):
        raise _Odd(f"none of its classes means harm: {', '.join(labels)}")
    if count > 1 and not any(harmless) and not said.is_multi_label:
        raise _Odd(
            f"which of {', '.join(labels)} is harmless? name it safe in labels.txt beside it"
        )
    return labels


def _is_harmless(label: str) -> bool:
    return re.sub(r"[\W_]+", "", label.casefold()) in _HARMLESS


# ------------------------------------------------------------------------------------------------
# Numbers.


def _softmax(outputs: Sequence[float]) -> list[float]:
    highest = max(outputs)
    powers = [math.exp(one - highest) for one in outputs]
    return [power / sum(powers) for power in powers]


def _sigmoid(output: float) -> float:
    return 0.5 * (1 + math.tanh(output / 2))


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")[:300] or type(error).__name__
