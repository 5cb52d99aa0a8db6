"""Embeddings of words that are worked out once a word, not once a token.

A spaCy pipeline of the tok2vec kind begins by turning each token into a vector from its word alone (spelling, prefix,
suffix, shape, static vector); only after that are neighbours looked at. That first layer is a third of the arithmetic,
and most tokens are words that were met before: their vectors are kept. The numbers are the layer's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.vocab import Vocab
    from thinc.model import Model

MOST = 40_000
"""Words remembered at a time by one layer, 15 MB; then all are forgotten."""
_OF_WORD = frozenset(
    {"ORTH", "NORM", "LOWER", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE", "IS_ALPHA", "IS_DIGIT"}
)
_OF_TOKEN = frozenset({"ORTH", "NORM", "SPACY"})
"""Of these, a token has its own; the rest follow from ORTH."""
_LAYERS = frozenset(
    {
        "extract_features", "list2ragged", "with_array", "ints-getitem", "hashembed", "static_vectors", "maxout",
        "layernorm", "dropout", "ragged2list",
    }
)  # fmt: skip
_MIX = np.asarray([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)


def remember_words(nlp: Language) -> int:
    """Let every layer of the pipeline that embeds words remember them; how many layers that were."""
    found = 0
    for _, pipe in nlp.pipeline:
        model: Model[Any, Any] | None = getattr(pipe, "model", None)
        for node in list(model.walk()) if hasattr(model, "walk") and model is not None else ():
            for n, layer in enumerate(node.layers):
                if _embeds_words(layer):
                    node.layers[n] = _remembering(layer)
                    found += 1
    return found


def _embeds_words(layer: Model[Any, Any]) -> bool:
    """True for a whole embedding layer, from documents to a list of arrays, that sees one word at a time."""
    if (
        not re.fullmatch(r"extract_features\b.*\bragged2list", layer.name)
        or set(re.split(r">>|[|()]", layer.name)) - {""} - _LAYERS
    ):
        return False
    return all(set(node.attrs["columns"]) <= _OF_WORD for node in layer.walk() if node.name == "extract_features")


def _remembering(layer: Model[Any, Any]) -> Model[Any, Any]:
    from thinc.model import Model

    dims = {"nO": layer.maybe_get_dim("nO")}
    return Model(f"remember({layer.name})", _Memory(layer), layers=[layer], dims=dims)


class _Words:
    """Distinct words in place of a document: all that an embedding layer asks of one."""

    def __init__(self, vocab: Vocab, columns: Sequence[str], values: NDArray[np.uint64]) -> None:
        self.vocab, self._values = vocab, values
        self._at = {name: n for n, name in enumerate(columns)}

    def __len__(self) -> int:
        return len(self._values)

    def to_array(self, attributes: Any) -> NDArray[np.uint64]:
        from spacy.attrs import NAMES

        if isinstance(attributes, list | tuple):
            return self._values[:, [self._at[a] for a in attributes]]
        name = attributes if isinstance(attributes, str) else NAMES[attributes]
        return np.ascontiguousarray(self._values[:, self._at[str(name)]])


class _Memory:
    """The forward pass: rows of the words known, the layer's own for those met for the first time."""

    def __init__(self, layer: Model[Any, Any]) -> None:
        asked = {c for node in layer.walk() if node.name == "extract_features" for c in node.attrs["columns"]}
        self._columns = sorted(_OF_TOKEN) + sorted(asked - _OF_TOKEN)
        self._rows: dict[int, int] = {}
        self._vectors: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def __call__(self, model: Model[Any, Any], docs: Any, is_train: bool) -> tuple[Any, Callable[..., Any]]:
        layer = model.layers[0]
        if is_train or not any(len(doc) for doc in docs):
            return layer(docs, is_train)
        values = np.concatenate([np.asarray(doc.to_array(self._columns), np.uint64) for doc in docs])
        keys, first, place = np.unique(
            (values[:, : len(_OF_TOKEN)] * _MIX).sum(axis=1, dtype=np.uint64), return_index=True, return_inverse=True
        )
        rows = self._known(keys.tolist(), values[first], layer, docs[0].vocab)
        vectors = self._vectors[rows[place]]
        stops = np.cumsum([len(doc) for doc in docs])[:-1]
        return np.split(vectors, stops), lambda d: []

    def _known(
        self, keys: list[int], values: NDArray[np.uint64], layer: Model[Any, Any], vocab: Vocab
    ) -> NDArray[np.int64]:
        if len(self._rows) + len(keys) > max(MOST, len(keys)):
            self._rows.clear()
            self._vectors = self._vectors[:0]
        fresh = [n for n, key in enumerate(keys) if key not in self._rows]
        if fresh:
            made = layer.predict([_Words(vocab, self._columns, values[fresh])])[0]
            self._vectors = np.concatenate([self._vectors.reshape(-1, made.shape[1]), made])
            for n in fresh:
                self._rows[keys[n]] = len(self._rows)
        return np.fromiter((self._rows[key] for key in keys), np.int64, len(keys))
