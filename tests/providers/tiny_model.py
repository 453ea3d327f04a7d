"""A classifier in ONNX that weighs the mean colour of a picture, written field by field.

Source: onnx.proto3 of ONNX 1.14 (IR version 8, operators of set 13), and Protocol Buffers' encoding
of varints and of fields with a length.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


loads_models = pytest.mark.skipif(
    find_spec("onnxruntime") is None, reason="NOT TESTED: the extra `check` is not installed"
)

FLOAT, UINT8, INT64, FLOAT16 = 1, 2, 7, 10
_INTS = 7  # the type of an attribute


@dataclass(frozen=True, kw_only=True)
class TinyModel:
    """`weights`: for each class what red, green and blue add to its score. A side may be a name."""

    weights: Sequence[tuple[float, ...]]
    shape: tuple[int | str, ...] = ("batch", 3, 4, 4)
    kind: int = FLOAT
    ends_in: str = ""  # such as Softmax
    output: str = "scores"
    further_inputs: int = 0

    def encoded(self) -> bytes:
        axes = [1, 2] if self.shape[-1] == 3 else [2, 3]
        mean_axes = b"".join([_text(1, "axes"), *(_number(8, one) for one in axes)])
        flat = _text(1, "keepdims") + _number(3, 0) + _number(20, 2)
        nodes = [
            _node("Cast", ["picture"], "floats", _text(1, "to") + _number(3, 1) + _number(20, 2)),
            _node("ReduceMean", ["floats"], "means", mean_axes + _number(20, _INTS), flat),
            _node("MatMul", ["means", "weights"], "weighed" if self.ends_in else self.output),
        ]
        if self.ends_in:
            nodes.append(_node(self.ends_in, ["weighed"], self.output))
        inputs = [_value("picture", self.kind, self.shape)]
        inputs += [_value(f"more{one}", FLOAT, (1,)) for one in range(self.further_inputs)]
        graph = b"".join(
            [
                *(_part(1, node) for node in nodes),
                _text(2, "tiny"),
                _part(5, self._weights()),
                *(_part(11, one) for one in inputs),
                _part(12, _value(self.output, FLOAT, ("batch", len(self.weights)))),
            ]
        )
        return _number(1, 8) + _part(7, graph) + _part(8, _number(2, 13))

    def _weights(self) -> bytes:
        rows = [weight for colour in zip(*self.weights, strict=True) for weight in colour]
        sides = _number(1, len(self.weights[0])) + _number(1, len(self.weights))
        return (
            sides
            + _number(2, FLOAT)
            + _text(8, "weights")
            + _part(9, struct.pack(f"<{len(rows)}f", *rows))
        )


REDNESS = TinyModel(weights=[(3, 0, 0), (0, 3, 0)])  # red is the harm of the tiny world
TIMM = {
    "label_names": ["NSFW", "SFW"],
    "pretrained_cfg": {"input_size": [3, 4, 4], "mean": [0.5] * 3, "std": [0.5] * 3},
}


def laid_out(folder: Path, model: TinyModel, /, **beside: object) -> Path:
    """A model with what stands beside it: `config`, `preprocessor_config`, `labels`."""
    for name, content in beside.items():
        if isinstance(content, str):
            (folder / f"{name}.txt").write_text(content)
        else:
            (folder / f"{name}.json").write_text(json.dumps(content))
    path = folder / "model.onnx"
    path.write_bytes(model.encoded())
    return path


def _node(operator: str, inputs: list[str], output: str, *attributes: bytes) -> bytes:
    names = b"".join(_text(1, one) for one in inputs) + _text(2, output) + _text(4, operator)
    return names + b"".join(_part(5, one) for one in attributes)


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    sides = [_number(1, one) if isinstance(one, int) else _text(2, one) for one in shape]
    tensor = _number(1, kind) + _part(2, b"".join(_part(1, one) for one in sides))
    return _text(1, name) + _part(2, _part(1, tensor))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, text: str) -> bytes:
    return _part(field, text.encode())


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
