"""What is changed: mutmut's changes of Python that a reader would call a fault, and ours of SQL.

Left out of mutmut's: whatever merely crashes (a None instead of an argument, another spelling of a
word). Added: calls that are left out, branches that are always or never taken, conditions of SQL.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import libcst as cst
import libcst.matchers as m
from mutmut.mutation import mutators as of_mutmut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).parents[2]
_LOOKS_LIKE_SQL = re.compile(r"\b(SELECT|UPDATE|DELETE|INSERT|WHERE|AND|ORDER BY|LIMIT)\b| = \?")
_CONDITION = r"[\w.]+ (?:(?:=|!=|<|<=|>|>=) (?:\?|-?\d+|'\w*'|[\w.]+)|IS NULL|IS NOT NULL)"
_CHANGES_OF_SQL: tuple[tuple[str, str], ...] = (
    (rf"(?<=WHERE ){_CONDITION}|(?<=AND ){_CONDITION}", r"(\g<0> OR 1 = 1)"),
    (r" <= ", " < "),
    (r" >= ", " > "),
    (r" < ", " <= "),
    (r" > ", " >= "),
    (r" DESC\b", ""),
    (r"\bmin\(", "max("),
    (r"\bmax\(", "min("),
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r" = 0\b", " = 1"),
    (r" = 1\b", " = 0"),
)
_A_CALL = m.Expr(m.Call() | m.Await(m.Call()))
_A_CALL_OF_THE_LOG = m.Call(m.Attribute(m.Name("log")))
_A_PART_OF_SOMETHING = m.Assign([m.AssignTarget(m.Attribute() | m.Subscript())])


def number(node: cst.Integer | cst.Float) -> Iterator[cst.CSTNode]:
    """Twice as much; nought becomes one."""
    value = node.evaluated_value
    yield node.with_changes(value=repr(value * 2 or type(value)(1)))


def left_out(node: cst.SimpleStatementLine) -> Iterator[cst.CSTNode]:
    """A call for its effect, or a part that is set. What is only logged is not looked at."""
    if m.matches(node, m.SimpleStatementLine([m.Expr(_A_CALL_OF_THE_LOG)])):
        return
    if m.matches(node, m.SimpleStatementLine([_A_CALL | _A_PART_OF_SOMETHING])):
        yield node.with_changes(body=[cst.Pass()])


def branch(node: cst.If | cst.CompIf) -> Iterator[cst.CSTNode]:
    """Always taken, or never."""
    if m.matches(node.test, m.Name("TYPE_CHECKING")):
        return
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    for operator, name in ((cst.Or(), "True"), (cst.And(), "False")):
        yield node.with_changes(test=cst.BooleanOperation(test, operator, cst.Name(name)))


@cache
def required() -> set[tuple[str, str]]:
    """What cannot be left out in the bot: function or class, and the argument's name."""
    found: set[tuple[str, str]] = set()
    for path in ROOT.glob("bot/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                found |= {(node.name, argument) for argument in _needed_to_make(node)}
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found |= {(node.name, argument) for argument in _needed(node)}
    return found


def _needed(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    named = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    yield from (argument.arg for argument, default in named if default is None)


def _needed_to_make(record: ast.ClassDef) -> Iterator[str]:
    for each in record.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            yield from _needed(each)
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield from [each.target.id] * (each.value is None)


def keyword(node: cst.Call) -> Iterator[cst.CSTNode]:
    """A named argument that has a default is not passed; what is only logged is not looked at."""
    if m.matches(node, _A_CALL_OF_THE_LOG):
        return
    called = [node.func, *(each.value for each in node.args[:1])]  # or `write(verb, …)`
    names = [each.attr if isinstance(each, cst.Attribute) else each for each in called]
    verbs = [each.value for each in names if isinstance(each, cst.Name)]
    for argument in node.args:
        given = argument.keyword
        if given and not any((verb, given.value) in required() for verb in verbs):
            others = [each for each in node.args if each is not argument]
            yield node.with_changes(args=others)


def sql(node: cst.SimpleString | cst.FormattedStringText) -> Iterator[cst.CSTNode]:
    """One place of a statement at a time."""
    if not _LOOKS_LIKE_SQL.search(node.value):
        return
    for pattern, instead in _CHANGES_OF_SQL:
        for found in re.finditer(pattern, node.value):
            value = node.value
            changed = value[: found.start()] + found.expand(instead) + value[found.end() :]
            yield node.with_changes(value=changed)


OPERATORS: list[tuple[type, Callable[..., Iterable[cst.CSTNode]]]] = [
    (cst.Integer, number),
    (cst.Float, number),
    (cst.SimpleStatementLine, left_out),
    (cst.If, branch),
    (cst.CompIf, branch),
    (cst.Call, keyword),
    (cst.SimpleString, sql),
    (cst.FormattedStringText, sql),
    (cst.Name, of_mutmut.operator_name),
    (cst.AugAssign, of_mutmut.operator_augmented_assignment),
    (cst.UnaryOperation, of_mutmut.operator_remove_unary_ops),
    (cst.CSTNode, of_mutmut.operator_keywords),
    (cst.CSTNode, of_mutmut.operator_swap_op),
    (cst.Match, of_mutmut.operator_match),
    (cst.IfExp, of_mutmut.operator_if_exp),
]
