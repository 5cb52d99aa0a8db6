"""Part of speech and lemma by kind of token: each kind is shown to the pipeline's rules once.

spaCy's attribute ruler and rule lemmatizer look at one token at a time: its word, its tag and its dependency label
decide (a few patterns of two tokens apart, such as 'let' and "'s"). They take a quarter of the time of a parse, and
most tokens are of a kind that was met before. So both components are kept out of the run and asked about each new kind
on its own, and about each new run of tokens in which patterns of several tokens hold. The result is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.matcher import Matcher
    from spacy.tokens import Doc

Kind = tuple[int, int, int]
"""Hashes of a token's word, tag and dependency label."""

RULES = ("attribute_ruler", "lemmatizer")
_ELSE = frozenset(
    {"tok2vec", "tagger", "parser", "senter", "sentencizer", "ner"}
)  # write neither lemma nor part of speech
_OF_TOKEN = frozenset({"ORTH", "TEXT", "LOWER", "LENGTH", "SHAPE", "TAG", "DEP"})
_NOT_OF_TOKEN = frozenset({"IS_SENT_START", "OP"})
MOST = 200_000
"""Kinds remembered at a time, about 40 MB; then all are forgotten, so that memory does not grow with the corpus."""


class Kinds:
    """(part of speech, lemma) of each token of a document that the pipeline has tagged and parsed without `RULES`."""

    def __init__(self, nlp: Language) -> None:
        self._rules: list[Any] = [nlp.get_pipe(name) for name in RULES]
        self._vocab = nlp.vocab
        self._wider = _wider(nlp)
        self._known: dict[Kind, tuple[str, str]] = {}
        self._runs: dict[tuple[Kind, ...], list[tuple[str, str]]] = {}
        _index_as_sets(self._rules[1])

    @staticmethod
    def fit(nlp: Language) -> bool:
        """True when the pipeline's rules are of the sort that a token's kind decides."""
        from spacy.pipeline import AttributeRuler, Lemmatizer

        if not set(RULES) <= set(nlp.pipe_names) <= {*RULES, *_ELSE}:
            return False
        ruler, lemmatizer = (nlp.get_pipe(name) for name in RULES)
        if type(ruler) is not AttributeRuler or not isinstance(lemmatizer, Lemmatizer) or lemmatizer.mode != "rule":
            return False
        patterns: list[Any] = [one for rule in ruler.patterns for one in _patterns(rule)]
        return all(_of_token(str(attribute).upper()) for one in patterns for token in one for attribute in token)

    def of(self, docs: Sequence[Doc], kinds: Sequence[list[Kind]]) -> list[list[tuple[str, str]]]:
        """For each document the part of speech and lemma of its tokens; `kinds` are its tokens' kinds."""
        if len(self._known) + len(self._runs) > MOST:
            self._known.clear()
            self._runs.clear()
        self._learn({kind for some in kinds for kind in some if kind not in self._known})
        known = self._known
        out = [[known[k] for k in some] for some in kinds]
        if len(self._wider):
            for doc, some, forms in zip(docs, kinds, out, strict=True):
                for start, end in _runs(self._wider(doc, allow_missing=True)):
                    forms[start:end] = self._of_run(tuple(some[start:end]))
        return out

    def _of_run(self, kinds: tuple[Kind, ...]) -> list[tuple[str, str]]:
        if kinds not in self._runs:
            self._runs[kinds] = self._whole(self._made(kinds))
        return self._runs[kinds]

    def _whole(self, doc: Doc) -> list[tuple[str, str]]:
        for rules in self._rules:
            doc = rules(doc)
        return [(t.pos_, t.lemma_) for t in doc]

    def _learn(self, fresh: Iterable[Kind]) -> None:
        kinds = sorted(fresh)
        if not kinds:
            return
        together = self._made(kinds)
        if len(self._wider) and self._wider(together, allow_missing=True):
            for kind in kinds:
                self._known[kind] = self._whole(self._made([kind]))[0]
        else:
            self._known.update(zip(kinds, self._whole(together), strict=True))

    def _made(self, kinds: Sequence[Kind]) -> Doc:
        from spacy.tokens import Doc

        words, tags, deps = ([self._vocab.strings[k] for k in column] for column in zip(*kinds, strict=True))
        return Doc(self._vocab, words=words, tags=tags, deps=deps, heads=list(range(len(words))))


def _runs(matches: Iterable[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """The stretches of tokens that (rule, start, end) cover; those that share a token are one."""
    out: list[tuple[int, int]] = []
    for start, end in sorted((start, end) for _, start, end in matches):
        if out and start < out[-1][1]:
            out[-1] = out[-1][0], max(end, out[-1][1])
        else:
            out.append((start, end))
    return out


def _index_as_sets(lemmatizer: Any) -> None:
    """The lemmatizer's word lists as sets: it looks up every new form in a list of up to 40,000 words."""
    index = lemmatizer.lookups.get_table("lemma_index", {})
    for part_of_speech, words in list(index.items()):
        index[part_of_speech] = frozenset(words)


def _of_token(attribute: str) -> bool:
    return attribute not in _NOT_OF_TOKEN and (attribute in _OF_TOKEN or attribute.startswith(("IS_", "LIKE_")))


def _patterns(rule: Any) -> list[list[dict[Any, Any]]]:
    return list(rule["patterns"])


def _wider(nlp: Language) -> Matcher:
    """The attribute ruler's patterns of more than one token."""
    from spacy.matcher import Matcher

    ruler: Any = nlp.get_pipe("attribute_ruler")
    matcher = Matcher(nlp.vocab)
    for n, rule in enumerate(ruler.patterns):
        several = [p for p in _patterns(rule) if len(p) > 1]
        if several:
            matcher.add(str(n), several)
    return matcher
