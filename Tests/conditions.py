"""Finds the conditions of Swift sources: clauses of `guard`, `if` and `where`, what a `? :` asks, and operands of && and ||.

To drop one means that it holds always, or, as an operand of || or the whole of an `if`, never.
"""
import re
from dataclasses import dataclass

OPEN, CLOSE = "([{", ")]}"
# What ends an operand to the left or to the right at its own depth.
WORDS = {"return", "guard", "if", "while", "where", "else", "in", "let", "var", "case", "for"}


@dataclass
class Condition:
    start: int
    end: int
    line: int
    text: str
    drop: str  # "always" or "never"


@dataclass
class Token:
    text: str
    start: int
    end: int
    depth: int
    line_start: bool
    is_spaced: bool


def tokens(code: str) -> list[Token]:
    """Words, operators and brackets of Swift, without comments; a string is one token."""
    pattern = re.compile(
        r'//[^\n]*|"""(?:.|\n)*?"""|"(?:\\\((?:[^()"]|\((?:[^()]|\([^()]*\))*\)|"[^"]*")*\)|\\.|[^"\\\n])*"'
        r"|[A-Za-z_$][A-Za-z0-9_]*|\d[\w.]*|&&|\|\||==|!=|<=|>=|->|\.\.\.|\.\.<|\?\?|[-+*/%&|^<>=!]=|\n|[^\s]")
    found: list[Token] = []
    depth = 0
    is_first = True
    for match in pattern.finditer(code):
        text = match.group()
        if text == "\n":
            is_first = True
            continue
        if text.startswith("//"):
            continue
        if text in CLOSE:
            depth -= 1
        found.append(Token(text, match.start(), match.end(), depth, is_first, code[match.start() - 1:match.start()].isspace()))
        if text in OPEN:
            depth += 1
        is_first = False
    return found


def extents(found: list[Token], at: int, stops: set[str]) -> tuple[int, int]:
    """The first and the last token of what stands around position `at`, at its depth, between two stops."""
    depth = found[at].depth
    continues = {"&&", "||", ".", "?", ":", "??", "+", "==", "}"}
    unfinished = continues | {"(", "[", ",", "=", "return", "guard", "if", "where", "while", "in", "!=", "<", ">"}

    def is_stop(index: int) -> bool:
        token = found[index]
        if token.depth != depth:
            return token.depth < depth
        if token.text == "?":
            return token.is_spaced
        # A brace ends a condition, and continues another expression as a closure.
        return token.text in stops and (token.text != "{" or is_condition(found, index))

    def begins_statement(index: int) -> bool:
        token = found[index]
        return (token.depth == depth and token.line_start and token.text not in continues
                and found[index - 1].text not in unfinished)

    first = last = at
    while first > 0 and not is_stop(first - 1) and not begins_statement(first):
        first -= 1
    while last + 1 < len(found) and not is_stop(last + 1) and not begins_statement(last + 1):
        last += 1
    return first, last


def is_condition(found: list[Token], brace: int) -> bool:
    """Whether a brace opens the block of an `if`, a loop or a `switch`."""
    for token in reversed(found[:brace]):
        if token.depth < found[brace].depth or token.depth == found[brace].depth and token.text in {
                "{", "}", "guard", "return", "else"}:
            return False
        if token.depth == found[brace].depth and token.text in {"if", "while", "for", "switch"}:
            return True
    return False


def conditions(code: str) -> list[Condition]:
    found = tokens(code)
    result: dict[tuple[int, int, str], Condition] = {}
    ends = {",", ";", ":", "=", "{", "->"} | WORDS

    def add(first: int, last: int, drop: str) -> None:
        if first > last or found[first].text in {"let", "var", "case", "#", "_", ":", "true", "false"}:
            return
        start, end = found[first].start, found[last].end
        line = code.count("\n", 0, start) + 1
        result[start, end, drop] = Condition(start, end, line, " ".join(code[start:end].split()), drop)

    for index, token in enumerate(found):
        if token.text in {"&&", "||"}:
            others = {"&&", "||"} if token.text == "&&" else {"||"}
            for side in (index - 1, index + 1):
                # A bracket that closes belongs to the operand, at its depth.
                first, last = extents(found, side, ends | others)
                add(first, last, "always" if token.text == "&&" else "never")
        elif token.text == "?" and token.is_spaced:
            first, last = extents(found, index - 1, ends | {"&&", "||"})
            if found[first - 1].text not in {"&&", "||"}:
                add(first, last, "always")
        elif token.text in {"guard", "if", "where"} and found[index + 1].text != ":":
            position = index + 1
            while True:
                # A clause reaches to the comma, `else`, brace or colon at its depth.
                last = position
                while last < len(found) and found[last].depth >= token.depth and not (
                        found[last].depth == token.depth and (
                            found[last].text in {",", "else"} or found[last].text == ":" and token.text == "where"
                            or found[last].text == "{" and is_condition(found, last))):
                    last += 1
                is_joined = any(t.text == "&&" and t.depth == token.depth for t in found[position:last])
                if not is_joined:
                    add(position, last - 1, "always")
                if token.text == "if" and position == index + 1:
                    add(position, last - 1, "never")
                if last >= len(found) or found[last].text != "," or token.text == "where":
                    break
                position = last + 1
    return sorted(result.values(), key=lambda c: (c.start, -c.end))
