"""The name finder's search for all tokens at once, where spaCy goes token by token.

A state of spaCy's name finder that is inside no name depends on its token alone, and one inside a name on that token
and on the name's first one. So the scores of all states outside names are one product of matrices, and those inside
follow for all names side by side, a token at a time. spaCy's own loop asks, for every token and every label, whether
the token is a blank, by a call that takes and gives back the interpreter's lock; that was two fifths of a parse. The
sums are taken in the same order by the same routine, so the names are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from thinc.model import Model

NAMER = "ner"
_BEFORE = frozenset({"tok2vec", "tagger", "parser", "senter", "sentencizer", "attribute_ruler", "lemmatizer"})
"""Components that name nothing themselves: what they leave, the name finder starts from."""
_FEATURES = 3  # the token, the first of the open name, the one before


class Names:
    """Sets the names of documents that the pipeline has tagged and parsed without `NAMER`."""

    def __init__(self, nlp: Language) -> None:
        namer: Any = nlp.get_pipe(NAMER)
        layers: list[Model[Any, Any]] = namer.model.layers
        self._vectors, self._lower, self._upper = layers
        names = [namer.moves.get_class_name(n) for n in range(namer.moves.n_moves)]
        at = {name: n for n, name in enumerate(names)}
        self._labels = [name[2:] for name in names]
        self._outside = [n for n, name in enumerate(names) if name == "O" or (name[:2] in ("B-", "U-") and name[2:])]
        self._begins = np.asarray([names[n][:2] == "B-" for n in self._outside])
        self._units = np.asarray([names[n][:2] == "U-" for n in self._outside])
        none = len(names)
        self._inner = np.asarray([at.get(f"I-{name[2:]}", none) for name in names])
        self._last = np.asarray([at.get(f"L-{name[2:]}", none) for name in names])

    @staticmethod
    def fit(nlp: Language) -> bool:
        """True when the pipeline's name finder is of the sort whose search this is, and meets nothing but a parse."""
        from spacy.pipeline import EntityRecognizer
        from thinc.api import NumpyOps

        order = nlp.pipe_names
        if order[-1:] != [NAMER] or not set(order[:-1]) <= _BEFORE:
            return False
        namer: Any = nlp.get_pipe(NAMER)
        if type(namer) is not EntityRecognizer or namer.cfg["beam_width"] != 1 or namer.postprocesses:
            return False
        model: Model[Any, Any] = namer.model
        if model.name != "parser_model" or not model.attrs["has_upper"] or model.attrs["unseen_classes"]:
            return False
        _, lower, upper = model.layers
        if type(model.ops) is not NumpyOps or lower.name != "precomputable_affine" or upper.name != "linear":
            return False
        names = {namer.moves.get_class_name(n) for n in range(namer.moves.n_moves)}
        labels = {name[2:] for name in names} - {""}
        whole = {"O", *(f"{move}-{label}" for move in "BILU" for label in labels)}
        return lower.get_dim("nF") == _FEATURES and lower.get_dim("nP") > 1 and whole <= names

    def set(self, docs: Sequence[Doc]) -> None:
        """Find the names of these documents and set them."""
        from spacy.tokens import Span

        full = [doc for doc in docs if len(doc)]
        if not full:
            return
        found = self._found(full)
        for doc, names in zip(full, found, strict=True):
            doc.set_ents([Span(doc, start, end, label=label) for start, end, label in names])

    def _found(self, docs: Sequence[Doc]) -> list[list[tuple[int, int, str]]]:
        """(first token, last token + 1, label) of the names of each document."""
        bounds = np.cumsum([0, *(len(doc) for doc in docs)])
        told = np.concatenate([np.asarray(doc.to_array(["IS_SPACE", "SENT_START"]), np.uint64) for doc in docs])
        blank = told[:, 0] != 0
        # Behind a document's last token, and before one that begins a sentence, a name cannot go on.
        stops = np.append(told[1:, 1] == 1, True)
        stops[bounds[1:] - 1] = True
        cached: NDArray[np.float32] = self._lower.predict(self._vectors.predict(docs))
        moves = self._moves_outside(cached, blank, stops)
        begins = np.flatnonzero(self._begins[moves])
        chosen = np.asarray(self._outside)[moves]
        ends = np.arange(1, len(moves) + 1)
        ends[begins] = self._ends(cached, begins, chosen[begins], stops)
        named = np.flatnonzero(self._begins[moves] | self._units[moves])
        out: list[list[tuple[int, int, str]]] = [[] for _ in docs]
        free = 0  # what would begin inside a name that is taken is no name
        at = (np.searchsorted(bounds, named, side="right") - 1).tolist()
        shifts = bounds.tolist()
        for start, end, doc, move in zip(named.tolist(), ends[named].tolist(), at, chosen[named].tolist(), strict=True):
            if start >= free:
                free = end
                out[doc].append((start - shifts[doc], end - shifts[doc], self._labels[move]))
        return out

    def _moves_outside(
        self, cached: NDArray[np.float32], blank: NDArray[np.bool_], stops: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """The best move at each token outside of names, as a place in `_outside`."""
        scores = self._scores(cached[1:, 0] + cached[0, 1] + cached[0, 2])[:, self._outside]
        scores[np.ix_(stops | blank, self._begins)] = -np.inf
        scores[np.ix_(blank, self._units)] = -np.inf
        best: NDArray[np.int64] = np.argmax(scores, axis=1)
        return best

    def _scores(self, summed: NDArray[np.float32]) -> NDArray[np.float32]:
        """The score of every move in states whose features are summed up."""
        hidden = (summed + self._lower.get_param("b")).max(axis=2)
        weights: Any = self._upper.get_param("W")
        bias = self._upper.get_param("b")
        scores: NDArray[np.float32] = self._upper.ops.gemm(hidden, weights, trans2=True) + bias
        return scores

    def _ends(
        self,
        cached: NDArray[np.float32],
        begins: NDArray[np.int64],
        moves: NDArray[np.int64],
        stops: NDArray[np.bool_],
    ) -> NDArray[np.int64]:
        """Where the names that begin at these tokens end, one past the last token; a token further each round."""
        ends = begins + 1
        open_ = np.arange(len(begins))
        while len(open_):
            first, here, move = begins[open_], ends[open_], moves[open_]
            scores = self._scores(cached[here + 1, 0] + cached[first + 1, 1] + cached[here, 2])
            row, inner, last = np.arange(len(open_)), self._inner[move], self._last[move]
            more, done = scores[row, inner], scores[row, last]
            goes_on = ~stops[here] & np.where(inner < last, more >= done, more > done)
            ends[open_] += 1
            open_ = open_[goes_on]
        return ends
