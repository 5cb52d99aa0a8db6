"""A story's brief: what happened, once, what it rests on, who said what, who copied whom; each line with its evidence.

`story_brief` gathers it from a record as plain values; `markdown`, `page` and `as_json` write it down.
"""

from onrecord.brief.gather import story_brief, story_ids
from onrecord.brief.lines import Brief
from onrecord.brief.render import as_json, markdown, page

__all__ = ["Brief", "as_json", "markdown", "page", "story_brief", "story_ids"]
