"""What a text is as a program: whether it parses, whether it writes the file, what it lacks."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

OUTPUT_PATH = "/out/output.wav"
"""Where a program leaves its audio."""


@dataclass(frozen=True)
class Code:
    """What was found in a text that parses."""

    writes: bool
    """Whether running it writes the output file, as far as reading it tells."""
    lacks: frozenset[str] = frozenset()
    """Names it uses that neither it nor the language defines."""
    defines: frozenset[str] = frozenset()
    """Global names that it assigns, functions and classes among them."""
    imports: frozenset[str] = frozenset()
    """Global names that it imports; ``*`` where it imports all of a module."""


def read_csound(text: str) -> Code | None:
    """Read a text as Csound: a whole CSD, which is rendered to the file whatever it says."""
    before, *rest = _CSD.split(text)
    around = f"{before}\n{rest[-1]}".split("\n") if len(rest) > 1 else ["?"]
    remarks = all(not line.strip() or line.lstrip().startswith(";") for line in around)
    return Code(writes=True) if remarks else None


_CSD = re.compile("</?CsoundSynthesizer>", re.IGNORECASE)


def read_python(text: str) -> Code | None:
    """Read a text as a Python program, without running any of it.

    Whether it writes is told by its calls, not by the file's name, which a program that only reads
    the file holds too. Only what runs counts: a function that nothing names does not. Where a path
    cannot be followed, as through a parameter, it is taken for the file if the program names the
    file anywhere.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    Code or None
        None if it is no Python, or nothing but comments.
    """
    text = text.removeprefix("\ufeff")
    try:
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a reply's string escapes deserve
            tree = ast.parse(text)
            names = symtable.symtable(text, "<reply>", "exec")
        if not tree.body:
            return None
        lacks, assigned, imported = _names(names)
        calls = _Calls(tree)
        if "*" in calls.imported:
            imported |= {"*"}
        return Code(calls.write(), lacks, assigned, imported)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


_WARNINGS = threading.Lock()
"""Filters of warnings are the whole process's."""


# --- names ---------------------------------------------------------------------------------------


def _names(
    module: symtable.SymbolTable,
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Global names that are used and not bound, that are assigned, and that are imported."""
    used, assigned, imported = set[str](), set[str](), set[str]()
    tables = [module]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for name in table.get_symbols():
            if table is module or name.is_global():
                for yes, names in (
                    (name.is_referenced(), used),
                    (name.is_assigned(), assigned),
                    (name.is_imported(), imported),
                ):
                    if yes:
                        names.add(name.get_name())
    lacks = used - assigned - imported - set(dir(builtins))
    return frozenset(lacks), frozenset(assigned), frozenset(imported)


# --- writing -------------------------------------------------------------------------------------

_OPENS = frozenset({"open", "SoundFile", "FileIO", "fdopen", "memmap"})
"""Calls that write or read as their mode says."""

_MODE = re.compile(r"[rwxa][bt+]{0,2}")

_MOVES = frozenset({"move", "copy", "copy2", "copyfile", "rename", "replace", "link", "symlink"})
"""Calls whose last argument is what they make."""

_WRITES = re.compile(r"write|save|export|record|recstart|tofile", re.IGNORECASE)
"""Calls that write a file, by libraries of all kinds; pyo's Server among them."""

_OF_A_PATH = frozenset({"write_bytes", "write_text", "tofile"})
"""Calls that need no second argument to write a file."""

_PATHS = frozenset(
    {"Path", "PurePath", "PosixPath", "join", "joinpath", "str", "fspath", "abspath", "realpath"}
    | {"resolve", "absolute", "expanduser", "get", "getenv", "with_name", "format"}
)
"""Calls that make a path of paths."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class _Calls:
    """What the calls of a module do, as far as reading tells."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._values: dict[str, list[ast.expr]] = {}
        self.imported: dict[str, str] = {}
        """What each imported name was called where it is from."""
        self._defined: set[str] = set()
        self._told: dict[str, bool | None] = {}
        self._named = False
        for node in ast.walk(tree):
            self._learn(node)

    def write(self) -> bool:
        """Whether any call that runs writes the file."""
        return any(isinstance(node, ast.Call) and self._writes(node) for node in self._running())

    def _learn(self, node: ast.AST) -> None:
        """Keep what names stand for, wherever they are assigned."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in node.names:
                bound = name.asname or name.name.partition(".")[0]
                self.imported[bound] = name.name
        elif isinstance(node, _DEFINITIONS):
            self._defined.add(node.name)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
            self._assign(node.target, node.value)
        elif isinstance(node, ast.arguments):
            positional = [*node.posonlyargs, *node.args]
            defaulted = [*positional[len(positional) - len(node.defaults) :], *node.kwonlyargs]
            for argument, default in zip(
                defaulted, [*node.defaults, *node.kw_defaults], strict=True
            ):
                if default:
                    self._values.setdefault(argument.arg, []).append(default)
        elif isinstance(node, ast.Constant):
            self._named |= _is_output(node.value) is True

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for inner, part in zip(target.elts, value.elts, strict=False):
                self._assign(inner, part)
        elif name := _name(target):
            self._values.setdefault(name, []).append(value)

    def _running(self) -> Iterator[ast.AST]:
        """All that runs: the module, and of its functions and classes those that it names."""
        waiting: list[ast.AST] = list(self._tree.body)
        running: list[ast.AST] = []
        idle: dict[str, list[ast.AST]] = {}
        while waiting:
            node = waiting.pop()
            if isinstance(node, _DEFINITIONS) and not node.decorator_list:
                idle.setdefault(node.name, []).append(node)
            else:
                running.append(node)
                waiting += ast.iter_child_nodes(node)
        for node in running:  # which grows
            yield node
            if isinstance(node, ast.Name):
                for definition in idle.pop(node.id, ()):
                    running += ast.walk(definition)

    def _writes(self, call: ast.Call) -> bool:
        name, receiver = _name(call.func) or "", None
        if isinstance(call.func, ast.Attribute):
            receiver = None if self._is_module(call.func.value) else call.func.value
        outside = isinstance(call.func, ast.Attribute) and receiver is None
        if name in self._defined and not outside:
            return False  # what it does is read where it is defined
        if isinstance(call.func, ast.Name):
            name = self.imported.get(name, name)
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        if name in _OPENS:
            return self._may_write(call) and self._is_file([receiver, *arguments], or_unknown=True)
        if name in _MOVES:
            return self._is_file(arguments[-1:], or_unknown=outside)
        if _WRITES.search(name):
            some = len(arguments) > 1 or name in _OF_A_PATH
            return self._is_file([receiver, *arguments], or_unknown=some)
        return False

    def _is_module(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.imported

    def _may_write(self, call: ast.Call) -> bool:
        """Whether a file is opened for more than reading, as far as its mode can be told."""
        modes = [
            *call.args,
            *(word.value for word in call.keywords if word.arg in ("mode", "flags")),
        ]
        texts = [mode.value for mode in modes if isinstance(mode, ast.Constant)]
        for text in texts:
            if isinstance(text, str) and _MODE.fullmatch(text):
                return text.strip("rbt") != ""
        named = any(word.arg in ("mode", "flags") for word in call.keywords)
        return named or len(call.args) > 1

    def _is_file(self, places: Sequence[ast.expr | None], *, or_unknown: bool) -> bool:
        """Whether one of these expressions is the output file's path."""
        told = [self._tell(place) for place in places if place]
        if True in told:
            return True
        return or_unknown and False not in told and self._named

    def _tell(self, node: ast.AST) -> bool | None:
        """Whether an expression is the output file's path, or another one's; None: not known."""
        if isinstance(node, ast.Constant):
            return _is_output(node.value)
        if isinstance(node, ast.Name | ast.Attribute) and (name := _name(node)) in self._values:
            if name not in self._told:
                self._told[name] = None  # what is made of itself
                self._told[name] = self._any(self._values[name])
            return self._told[name]
        if isinstance(node, ast.Call):
            if _name(node.func) not in _PATHS:
                return None
            inner = [*node.args, *(keyword.value for keyword in node.keywords)]
            if isinstance(node.func, ast.Attribute) and not self._is_module(node.func.value):
                inner.append(node.func.value)
            return self._any(inner)
        if isinstance(node, ast.BinOp | ast.BoolOp | ast.IfExp | ast.JoinedStr | ast.NamedExpr):
            return self._any(list(ast.iter_child_nodes(node)))
        if isinstance(node, ast.Starred | ast.FormattedValue):
            return self._tell(node.value)
        return None

    def _any(self, nodes: Sequence[ast.AST]) -> bool | None:
        told = [self._tell(node) for node in nodes]
        return True if True in told else False if False in told else None


def _name(node: ast.AST) -> str | None:
    """The last word of a dotted name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _is_output(value: object) -> bool | None:
    """Whether a constant is the output file's path or the end of it, or another file's."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str) or not value or len(value) > len(OUTPUT_PATH) * 10:
        return None
    if re.search(r"\s", value):
        return None
    path = PurePosixPath(value)
    if path.name == PurePosixPath(OUTPUT_PATH).name:
        return True
    return False if re.fullmatch(r"\.[A-Za-z]\w{0,4}", path.suffix) else None
