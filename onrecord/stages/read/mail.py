"""E-mail: newsletters and alerts as they were sent; the plain part where there is one, else the HTML part."""

from __future__ import annotations

from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr

from onrecord.model import RawReport
from onrecord.stages.read.blocks import blocks_of, joined
from onrecord.stages.read.dates import when
from onrecord.stages.read.source import Source, Unreadable


def message(source: Source) -> Iterator[RawReport]:
    """One message is one report: its subject the title, its sender's name the byline; attachments are not read."""
    mail = BytesParser(policy=policy.default).parsebytes(source.one())
    if not isinstance(mail, EmailMessage) or not mail.keys():
        raise Unreadable("damaged", f"{source.name}: no mail headers; save the whole message as .eml")
    subject = " ".join(str(mail["subject"] or "").split()) or None
    text, marks = _plain(mail, source), ()
    if not text:
        markup = _part(mail, "html", source)
        blocks = blocks_of(markup) if markup else []
        if blocks:
            text, marks = joined(blocks)  # type: ignore[assignment]
    if not text:
        raise Unreadable("no-text", f"{source.name}: no text in the message; its attachments are not read")
    name, address = parseaddr(str(mail["from"] or ""))
    yield RawReport(
        uri=source.name,
        text=text,
        external_id=str(mail["message-id"] or "").strip() or None,
        title=subject,
        byline=name or address or None,
        published=when(str(mail["date"])) if mail["date"] else None,
        fetched=source.fetched,
        marks=marks,
    )


def _plain(mail: EmailMessage, source: Source) -> str | None:
    text = _part(mail, "plain", source)
    return text if text and text.strip() else None


def _part(mail: EmailMessage, kind: str, source: Source) -> str | None:
    part = mail.get_body(preferencelist=(kind,))
    if part is None:
        return None
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data.strip():
        return None
    return source.decode(data, part.get_content_charset())
