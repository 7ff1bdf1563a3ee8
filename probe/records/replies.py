"""The program taken out of a model's reply, by one rule for every model: see docs/replies.md."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt

from probe.records import Completion, Extraction, Outcome
from probe.records.code import Code
from probe.records.languages import DEFAULT, LANGUAGES, Language

LONGEST = 1 << 18
"""Characters of a reply that are looked at, its last; 16,384 tokens are about 65,000."""

MOST_READ = 1 << 18
"""Characters that are parsed for one reply, all tries together."""

MOST_EXTENDED = 8
"""Blocks that are extended, and closing fences that are tried for each."""

MOST_OPENINGS = 8
"""Lines of a reply without blocks at which a program may begin."""


class Extracted(NamedTuple):
    """A program, and how it was found."""

    program: str
    extraction: Extraction


class _Block(NamedTuple):
    info: str
    content: str
    begin: int
    """Number of its first line, which is the opening fence."""
    end: int
    """Number of the line after it."""
    cut: bool
    """The text ends inside it."""
    fence: str
    code: Code | None = None
    extended: bool = False


# --- the rule ------------------------------------------------------------------------------------


def extract(
    text: str, *, truncated: bool, spoken: Language = LANGUAGES[DEFAULT]
) -> Extracted | None:
    """Take the program out of a reply.

    The blocks that could hold it are the fenced ones that are labelled as its language or, if none
    is, those without a label. Of them the last counts that parses and writes the output file; else
    a reply without fences that does as a whole, or from some line on; else the last block that
    parses; else, so that a slip of the pen fails as one, the last block. Names that a block lacks
    are sought in the blocks before it, and those that define them are put before it.

    A fence that is never closed runs to the end of the text, as in CommonMark: some models leave
    the last one out. In a reply that the token limit cut off, the same block is a program torn in
    two, and running half of it would measure the limit instead of the model; there is then no
    program, not even an earlier block, which the model was about to replace.

    Parameters
    ----------
    text : str
        The reply, verbatim. Line ends may be LF, CRLF or CR.
    truncated : bool
        Whether the reply was cut off by the token limit.
    spoken : Language
        What the program is to be written in.

    Returns
    -------
    Extracted or None
        The program with LF line ends and how it was found, or None if the reply holds none.
    """
    search = _Search(_aloud(text), spoken, truncated=truncated)
    try:
        return search.best()
    except _TooMuchError:
        content = _last(search.blocks, truncated=truncated, labels=spoken.labels)
        return None if content is None else Extracted(content, Extraction(how="fenced"))


def extracted_from(reply: Completion, spoken: Language) -> Extracted | None:
    """The program that a reply holds, None where it holds none or the token limit tore it."""
    if reply.outcome is not Outcome.OK:
        return None
    return extract(reply.text, truncated=reply.finish_reason == "length", spoken=spoken)


def last_block(text: str, *, truncated: bool, labels: Container[str]) -> str | None:
    """The last fenced block with one of these labels or, if there is none, without any.

    Blank blocks are passed over; where the token limit tore the last one, there is none.
    """
    return _last(_blocks(_aloud(text).split("\n")), truncated=truncated, labels=labels)


def _last(every: Sequence[_Block], *, truncated: bool, labels: Container[str]) -> str | None:
    wanted = _labels(every, labels)
    blocks = [block for block in every if _label(block.info) in wanted]
    if truncated and blocks and blocks[-1].cut:
        return None
    return next((block.content for block in reversed(blocks) if block.content.strip()), None)


class _TooMuchError(Exception):
    """A reply would take too long to read; its labels alone must tell."""


class _Search:
    """The search for one reply's program."""

    def __init__(self, said: str, spoken: Language, *, truncated: bool) -> None:
        self._said = said
        self._spoken = spoken
        self._truncated = truncated
        self._read = 0
        self._lines = said.split("\n")
        self.blocks = _blocks(self._lines)

    def best(self) -> Extracted | None:
        """The reply's program, None if there is none."""
        blocks = self._candidates()
        if self._truncated and blocks and blocks[-1].cut:
            return None
        blocks = [block for block in blocks if block.content.strip()]
        codes = {n: block.code for n, block in enumerate(blocks) if block.code}
        readable = None
        for last in sorted(codes, reverse=True):
            found, writes = self._with_what_it_lacks(blocks, codes, last)
            if writes:
                return found
            readable = readable or found
        if bare := self._bare():
            return Extracted(bare, Extraction(how="bare"))
        return readable or (_as_it_stands(blocks, len(blocks) - 1) if blocks else None)

    def _code(self, text: str) -> Code | None:
        self._read += len(text) + 500
        if self._read > MOST_READ:
            raise _TooMuchError
        return self._spoken.read(text)

    def _candidates(self) -> list[_Block]:
        """Blocks that could hold the program, each as long as it must be to parse."""
        found: list[_Block] = []
        labels = _labels(self.blocks, self._spoken.labels)
        extended = 0
        waiting = iter(self.blocks)
        while block := next(waiting, None):
            if _label(block.info) not in labels:
                continue
            block = block._replace(code=self._code(block.content))
            if block.code is None and extended < MOST_EXTENDED:
                longer = self._extended(block)
                if longer:
                    extended += 1
                    waiting = iter(_blocks(self._lines, longer.end))
                block = longer or block
            found.append(block)
        return found

    def _extended(self, block: _Block) -> _Block | None:
        """The block up to the first later closing fence with which it parses."""
        for content, end in _longer(self._lines, block):
            if code := self._code(content):
                return block._replace(content=content, end=end, code=code, extended=True)
        return None

    def _with_what_it_lacks(
        self, blocks: Sequence[_Block], codes: dict[int, Code], last: int
    ) -> tuple[Extracted, bool]:
        """A block after the earlier ones that it needs, and whether these write the file."""
        alone = _as_it_stands(blocks, last)
        needed = _needed(codes, last)
        if len(needed) > 1:
            joined = _join([blocks[n].content for n in needed])
            if together := self._code(joined):
                how = alone.extraction.model_copy(update={"how": "joined"})
                return Extracted(joined, how), together.writes
        return alone, codes[last].writes

    def _bare(self) -> str | None:
        """A reply that is a program as a whole, or from some line on, without any fence."""
        if self._truncated:
            return None
        opening = re.compile(f"^(?:{self._spoken.opening})", re.MULTILINE | re.IGNORECASE)
        places = [found.start() for found in opening.finditer(self._said)][:MOST_OPENINGS]
        for place in dict.fromkeys([0, *places]):
            program = self._said[place:].strip("\n") + "\n"
            code = self._code(program)
            if code and code.writes:
                return program
        return None


def _as_it_stands(blocks: Sequence[_Block], n: int) -> Extracted:
    how = Extraction(
        how="extended" if blocks[n].extended else "fenced", block=n + 1, blocks=len(blocks)
    )
    return Extracted(blocks[n].content, how)


def _needed(codes: dict[int, Code], last: int) -> list[int]:
    """Numbers of the blocks that define what `last` lacks, of what these lack, and `last`."""
    needed, waiting = {last}, [last]
    while waiting:
        own = waiting.pop()
        earlier = [n for n in sorted(codes, reverse=True) if n < own]
        for name in codes[own].lacks:
            found = _defining(name, codes, earlier, all_imported="*" in codes[own].imports)
            if found is not None and found not in needed:
                needed.add(found)
                waiting.append(found)
    return sorted(needed)


def _defining(
    name: str, codes: dict[int, Code], earlier: Sequence[int], *, all_imported: bool
) -> int | None:
    """The nearest of the earlier blocks that defines a name, None if none does.

    What is used after ``from pyo import *`` may be its: then no other import is looked for.
    """
    for n in earlier:
        if name in codes[n].defines or (name in codes[n].imports and not all_imported):
            return n
    if all_imported:
        return None
    return next((n for n in earlier if "*" in codes[n].imports), None)


def _join(programs: Sequence[str]) -> str:
    """Programs one after another; what Python wants at the beginning goes there."""
    whole = "\n".join(programs)
    future = "".join(dict.fromkeys(_FUTURE.findall(whole)))
    return future + _FUTURE.sub("", whole)


_FUTURE = re.compile(r"^from __future__ import [^\n(]*\n", re.MULTILINE)


# --- what is said, and its blocks ----------------------------------------------------------------

_THOUGHT = re.compile(
    r"^[ \t]*<(think|thinking)>.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL | re.MULTILINE
)
_END_OF_THOUGHT = re.compile(r"</(?:think|thinking)>[ \t]*(?:\n|\Z)", re.IGNORECASE)
_MARK = re.compile(r"^\ufeff+(?=[ ]{0,3}(?:```|~~~))", re.MULTILINE)


def _aloud(text: str) -> str:
    """A reply without its thoughts, also where only their beginning or end is marked."""
    text = re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff"))
    text = _THOUGHT.sub("\n", text)
    text = _END_OF_THOUGHT.split(text)[-1]
    return _MARK.sub("", text)[-LONGEST:]


# Block structure only: inline markup holds no fence and costs time on hostile text. Raw HTML and
# link definitions are left out because they hide fences: models wrap code in <details> without the
# blank line that CommonMark wants there.
_MARKDOWN = MarkdownIt("commonmark").disable(["html_block", "reference"])
_MARKDOWN.core.ruler.enableOnly(["normalize", "block"])

_LABEL = re.compile(
    r"\s*(?:\{\s*)?\.?([a-z][\w+#-]*)(?:\.\d+)?(?![\w.+#-])",
    re.IGNORECASE,
)


def _label(info: str) -> str | None:
    """The language that an info string names; empty where it is blank, None where it is unclear."""
    if not info.strip():
        return ""
    found = _LABEL.match(info)
    return found[1].lower() if found else None


def _labels(blocks: Sequence[_Block], labels: Container[str]) -> Container[str | None]:
    """Labels of the blocks that count: a language's names or, if no block has one, none."""
    return labels if any(_label(block.info) in labels for block in blocks) else ("",)


def _blocks(lines: Sequence[str], first: int = 0) -> list[_Block]:
    """Fenced blocks from line `first` on, in the order in which they begin."""
    text = "\n".join(lines[first:])
    text += "" if text.endswith("\n") else "\n"
    last = text.rstrip().count("\n") + 1
    blocks = []
    for token in _MARKDOWN.parse(text):
        if token.type == "fence" and token.map:
            begin, end = token.map
            # A block spans its opening line, its content and, unless it runs on, its closing line.
            cut = end - begin != token.content.count("\n") + 2 and end >= last
            place = first + begin, first + end
            blocks.append(_Block(token.info, token.content, *place, cut, token.markup))
    return blocks


def _longer(lines: Sequence[str], block: _Block) -> Iterator[tuple[str, int]]:
    """A block up to each of the next fences that could close it, and the line after that."""
    column = max(lines[block.begin].find(block.fence), 0)
    tried = 0
    for end in range(block.end, len(lines)):
        closing = lines[end].strip(" \t")
        if closing.startswith(block.fence) and not closing.strip(block.fence[0]):
            inside = lines[block.begin + 1 : end]
            indents = (min(column, len(line) - len(line.lstrip(" "))) for line in inside)
            dedented = (line[n:] for line, n in zip(inside, indents, strict=True))
            yield "".join(f"{line}\n" for line in dedented), end + 1
            tried += 1
        if tried == MOST_EXTENDED:
            return


# --- refusals ------------------------------------------------------------------------------------

_REFUSAL = re.compile(
    r"""
    \W*
    # an apology
    (?:(?:(?:i'm|i[ ]am)[ ](?:so[ ]|very[ ]|really[ ])?sorry|sorry|i[ ]apologi[sz]e|unfortunately
       |(?:my[ ])?apologies)[,.;:]?[ ](?:but[ ])?)?
    # an introduction
    (?:as[ ]an?[ ][^.]{0,80}?\b(?:ai|model|assistant)\b[^.,]{0,40},[ ])?
    # the refusal itself, with what is refused: "I can't hear it, but ..." goes on to a program
    i(?:[ ](?:must|have[ ]to)[ ](?:\w+ly[ ])?(?:decline|refuse)\b
      |(?:[ ](?:cannot|can't|can[ ]not|won't|will[ ]not|do[ ]not[ ]have[ ]the[ ]ability[ ]to
              |don't[ ]have[ ]the[ ]ability[ ]to)
        |(?:'m|[ ]am)[ ](?:unable|not[ ]able|not[ ]willing)[ ]to)
       [ ](?:\w+ly[ ])?(?:help|assist|comply|do|provide|create|generate|produce|write|make
         |synthesi[sz]e|fulfill?|complete|continue|support|offer|share)\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)

_IMPORT = re.compile(r"^\s*(?:import|from)\s+\w", re.MULTILINE)


def is_refusal(text: str) -> bool:
    """Tell whether a reply declines to do what was asked.

    Conservative, because a refusal and a missing program are both the model's failures and only
    the name differs: the reply must open with a plain refusal, such as "I'm sorry, but I can't help
    with that" or "As a text-based AI, I cannot generate audio", and hold no code, fenced or not.
    Refusals in other languages, or further down, count as a reply without code.

    Parameters
    ----------
    text : str
        The reply, verbatim.

    Returns
    -------
    bool
        Whether the reply is a refusal.
    """
    said = _aloud(text)
    opening = " ".join(said[:400].replace("’", "'").split())
    if not _REFUSAL.match(opening) or _IMPORT.search(said):
        return False
    return extract(text, truncated=False) is None
