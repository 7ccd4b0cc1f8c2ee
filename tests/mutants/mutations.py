"""Every way to delete one check from a module's functions: a mutant each. Source in, code objects out.

A check is an argument of `filter` or `exclude`, a part of an "and" or an "&", an `if` that raises, returns or skips, the
condition of a comprehension or a conditional expression, or a call made for nothing but its refusal.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType


@dataclass(frozen=True)
class Mutant:
    """One check less. `code` goes into the function `qualname` of `module` in place of its own."""

    module: str
    qualname: str
    line: int
    what: str
    code: CodeType

    @property
    def first_line(self) -> int:
        """Where the function begins."""
        return self.code.co_firstlineno

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.qualname}: {self.what}"


def mutants(module: str, path: Path) -> Iterator[Mutant]:
    """All mutants of a module's functions and methods, in the order of its lines."""
    source = path.read_text()
    tree = ast.parse(source)
    for position, owner in enumerate(tree.body):
        functions = [owner] if isinstance(owner, ast.FunctionDef) else []
        if isinstance(owner, ast.ClassDef):
            functions = [node for node in owner.body if isinstance(node, ast.FunctionDef)]
        for function in functions:
            qualname = function.name if function is owner else f"{owner.name}.{function.name}"
            for number in range(_count(function)):
                changed = copy.deepcopy(tree)
                target = _same(changed.body[position], function.name)
                line, what = _change(target, number)
                code = compile(ast.fix_missing_locations(changed), str(path), "exec")
                yield Mutant(module, qualname, line, what, _find(code, qualname))


def _same(owner: ast.stmt, name: str) -> ast.FunctionDef:
    if isinstance(owner, ast.FunctionDef):
        return owner
    return next(n for n in owner.body if isinstance(n, ast.FunctionDef) and n.name == name)


def _find(code: CodeType, qualname: str) -> CodeType:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_qualname == qualname:
                return constant
            if qualname.startswith(f"{constant.co_qualname}."):
                return _find(constant, qualname)
    raise LookupError(qualname)


def _places(function: ast.FunctionDef) -> list[tuple[ast.AST, int]]:
    """Each (node, which of its checks) of a function that can be deleted."""
    found: list[tuple[ast.AST, int]] = []
    for node in ast.walk(function):
        found += [(node, index) for index in range(len(_checks(node)))]
    return sorted(found, key=lambda place: (getattr(place[0], "lineno", 0), place[1]))


def _checks(node: ast.AST) -> list[str]:
    """What can be deleted here, each in words."""
    match node:
        case ast.Call(func=ast.Attribute(attr="filter" | "exclude" as name)):
            return [f"{name} without {ast.unparse(a)}" for a in [*node.args, *node.keywords]]
        case ast.BoolOp(op=ast.And()):
            return [f"and without {ast.unparse(value)}" for value in node.values]
        case ast.BinOp(op=ast.BitAnd()):
            return [f"& without {ast.unparse(side)}" for side in (node.left, node.right)]
        case ast.AugAssign(op=ast.BitAnd()):
            return [f"without {ast.unparse(node)}"]
        case ast.If() if isinstance(node.body[-1], ast.Raise | ast.Return | ast.Continue):
            return [f"no longer if {ast.unparse(node.test)}"]
        case ast.comprehension():
            return [f"comprehension without if {ast.unparse(test)}" for test in node.ifs]
        case ast.IfExp():
            return [f"never {ast.unparse(node.test)}", f"always {ast.unparse(node.test)}"]
        case ast.Expr(value=ast.Call()):
            return [f"without {ast.unparse(node)}"]
    return []


def _count(function: ast.FunctionDef) -> int:
    return len(_places(function))


def _change(function: ast.FunctionDef, number: int) -> tuple[int, str]:
    node, index = _places(function)[number]
    what = _checks(node)[index]
    line = getattr(node, "lineno", 0)
    match node:
        case ast.Call():
            if index < len(node.args):
                line = node.args.pop(index).lineno
            else:
                line = node.keywords.pop(index - len(node.args)).value.lineno
        case ast.BoolOp():
            line = node.values.pop(index).lineno
            if len(node.values) == 1:
                _replace(function, node, node.values[0])
        case ast.BinOp():
            _replace(function, node, (node.right, node.left)[index])
        case ast.AugAssign() | ast.Expr():
            _replace(function, node, ast.copy_location(ast.Pass(), node))
        case ast.If():
            node.test = ast.copy_location(ast.Constant(False), node.test)
        case ast.comprehension():
            line = node.ifs.pop(index).lineno
        case ast.IfExp():
            _replace(function, node, (node.orelse, node.body)[index])
    return line, what


def _replace(function: ast.FunctionDef, old: ast.AST, new: ast.AST) -> None:
    class Swap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else self.generic_visit(node)

    Swap().visit(function)
