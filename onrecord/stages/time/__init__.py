"""time: time expressions with their TIMEX3 values and days, and the date of a report that came without one."""

from __future__ import annotations

from onrecord.stages.time.find import find_times
from onrecord.stages.time.published import date_from_text
from onrecord.stages.time.story import date_by_story

__all__ = ["date_by_story", "date_from_text", "find_times"]
