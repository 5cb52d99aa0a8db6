# ruff: noqa: E501  (a pattern reads best on one line)
"""The grammar: what an English time expression looks like, as patterns over kinds of words.

A pattern is a regular expression in which `{kind}` or `{one|other}` stands for one word of that kind
(lexicon/time/words.tsv, and the kinds that `words` makes of figures) and `<NAME>` for a pattern named in `PARTS`.
Blanks in a pattern mean nothing. Groups name what `readings` needs. Where several patterns match, the one that starts
first wins, then the longest, then the earlier in `RULES`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from onrecord.stages.time.words import kinds

PARTS = {
    "INT": r"{daynum|num}",
    "TEEN": r"(?: {card} | {tens} (?: {dash}? {card})?)",
    "WORDNUM": r"(?: <TEEN> (?: {mult} (?: {and}? <TEEN>)?)?)",
    "NUMBER": r"(?: <INT> {mult}? | {fraction} | <WORDNUM> | {a}? {mult} | {a}? {few} | {a}? {couple} {of}? | {mults} {of})",
    "COUNT": r"(?: <NUMBER> (?: (?:{dash}|{to}|{or}) <NUMBER>)? (?: {and} {a} {half})? | {half} {a}? | {a} {half})",
    "ABOUT": r"(?: {approx} | {more} {than} | {at} {least} | {upto} {to} | {well}? {approx})",
    "UNIT1": r"{unit|yearunit|dayunit|weekunit|weekendunit|centuryunit}",
    "UNIT": r"{unit|yearunit|dayunit|weekunit|weekendunit|centuryunit|units|second|quarter}",
    "REL": r"{last|next|this|past|previous|coming|following|same|current|that|latest}",
    "PART": r"(?: {the}? (?P<partof>{partof|part|half}) {of} | {the}? (?P<part>{part|earlier|later}) {dash}? {in|on}?)",
    "RYEAR": r"(?: {last|next|this|previous|following|same|current|that} {fiscal}? {yearunit})",
    "YEAR": r"(?: {comma}? (?P<year>{year}) | {comma}? {of|in}? {the}? (?P<ryear><RYEAR>))",
    "ZONE": r"(?: (?P<zone>{zone}) | {open} (?P<zone2>{zone}) {close} | {local} {time})",
    "DAYPART": r"{daypart|noon|dawn|overnight}",
}

RULES: tuple[tuple[str, str], ...] = (
    ("iso", r"{iso}"),
    ("slash", r"{slash}"),
    ("date_range", r"{weekday}? (?P<mon>{month}) (?P<d1>{daynum|dayord}) (?: {dash} | {to}) (?P<d2>{daynum|dayord}) (?!{month|units|ampm}) (?: {comma}? (?P<year>{year}))?"),
    ("date_range", r"(?P<d1>{daynum|dayord}) (?: {dash} | {to} | {and}) (?P<d2>{daynum|dayord}) {of}? (?P<mon>{month}) (?: {comma}? (?P<year>{year}))?"),
    ("week_of", r"{the} (?P<unit>{weekunit|weekendunit}) {of} (?P<mon>{month}) (?P<day>{daynum|dayord}) (?: {comma}? (?P<year>{year}))?"),
    ("date_more", r"(?<={month}{daynum}{and}) (?P<day>{daynum}) (?={stop|comma|in|at|close|to|for|on}|$)"),
    ("date", r"(?: {the}? (?P<daypart>{daypart}) {of})? (?P<last>{last})? (?: {weekday} (?P<daypart0>{daypart})? {comma}? {the}?)? (?P<mon>{month}) (?: {comma} (?={daynum}{comma}{year}))? {the}? (?P<day>{daynum|dayord}) (?!{units|mult|ampm}) <YEAR>? (?P<daypart2>{daypart})?"),
    ("date", r"(?P<mon>{month}) (?P<day>{daynum|dayord}) (?=(?:{and|to|dash}) {month} {daynum|dayord} {comma}? (?P<year>{year}))"),
    ("date", r"(?P<day>{daynum|dayord}) {of}? (?P<mon>{month}) (?=(?:{and|to|dash}) {daynum|dayord} {of}? {month} {comma}? (?P<year>{year}))"),
    ("date", r"(?: {the}? (?P<daypart>{daypart}) {of})? (?: {weekday} {comma}? {the}?)? {the}? (?: (?P<day>{daynum|dayord}) {of}? | (?P<dayw>{ordinal|second}) {of}) (?P<mon>{month}) <YEAR>?"),
    ("month", r"<PART>? (?P<mon>{month}) (?: {of|comma}? (?P<year>{year}))"),
    ("month", r"<PART>? (?P<mon>{month}) (?=(?:{and|or|to|dash}) {month} {comma|of}? (?P<year>{year}))"),
    ("month", r"<PART>? (?P<rel>{last|next|this|past|previous|coming|following})? (?P<mon>{month}) (?!{daynum}{comma}?{year}) (?: {of|in}? (?P<ryear><RYEAR>))?"),
    ("month", r"(?P<year>{year}) {comma} (?P<mon>{month})"),
    ("day_of_month", r"{the} (?P<day>{dayord}) (?={comma|stop|and|of})"),
    ("nth_weekday", r"{the}? (?P<nth>{ordinal|second|last}) (?P<dow>{weekday}) {of|in} (?: (?P<mon>{month}) (?: {comma|of}? (?P<year>{year}))? | {every} (?P<unit>{unit|yearunit}) )"),
    ("early_hours", r"{the} (?P<part>{part}) {units} {of|on} (?P<dow>{weekday})"),
    ("weekday", r"(?: {the}? (?P<daypart>{daypart}) {of} | <PART>)? (?P<rel>{last|next|this|past|previous|coming|following|same})? (?P<dow>{weekday}) (?P<daypart2><DAYPART>)? (?: {of}? (?P<wrel>{last|next|this|following}) {weekunit})?"),
    ("weekday_shift", r"{a} {weekunit} (?: {ago} | (?P<later>{from})) {last|this|next}? (?P<dow>{weekday})"),
    ("weekday_set", r"(?P<dow>{weekdays}) (?P<daypart>{dayparts})?"),
    ("weekday_set", r"(?P<dow>{weekday}) (?P<daypart>{dayparts})"),
    ("weekday_set", r"{weekday_set}"),
    ("year", r"<PART>? (?: {the}? {yearunit})? (?P<year>{year})"),
    ("fiscal", r"{the}? (?: {fiscal} {yearunit}? (?P<year>{year}) | (?P<year2>{year}) {fiscal} {yearunit})"),
    ("year_range", r"(?P<year>{year}) (?:{dash}|{slashmark}) (?P<to>{daynum|num})"),
    ("short_year", r"(?P<short>{shortyear})"),
    ("spoken_year", r"(?: {the}? {yearunit})? (?P<hi>{card}) (?P<lo>{tens} (?: {dash}? {card})?)"),
    ("spoken_year", r"{the}? {yearunit} (?P<thousands>{card} {mult} (?: {and}? <TEEN>)?)"),
    ("decade", r"<PART>? {the}? (?: (?P<part2>{part}) {dash}?)? (?P<dec>{decadenum|decadeword})"),
    ("century", r"{the}? (?P<nth>{ordinal|second|last}) {half} {of} {the} (?P<ord>{ordinal|dayord}) {dash}? {centuryunit}"),
    ("century", r"<PART>? {the}? (?: (?P<part2>{part}) {dash}?)? (?P<ord>{ordinal|dayord|second}) {dash}? {centuryunit}"),
    ("season", r"<PART>? {the}? (?P<rel>{last|this|next|past|coming|previous|following|same} {past|coming}?)? {the}? (?P<season>{season}) (?: {of}? <YEAR>)?"),
    ("quarter", r"{fiscal}? (?P<ord>{ordinal|second|dayord}) {dash} (?P<q>{quarter})"),
    ("quarter", r"{the}? (?P<ord>{ordinal|second}) (?=(?:{and}|{or}) (?:{ordinal|second}) (?P<qs>{units}) (?:{of|in}? (?P<year>{year}))?)"),
    ("quarter", r"(?<={and|or}) (?P<ord>{ordinal|second}) (?P<qs>{units}) (?:{of|in}? (?P<year>{year}))?"),
    ("quarter_figure", r"(?P<q>{qnum}) (?P<year>{year})?"),
    ("ended_quarter", r"{the} {fiscal}? (?P<unit>{quarter}) (?={other} (?P<mon>{month}) (?P<day>{daynum})? (?: {comma}? (?P<year>{year}))?)"),
    ("same_quarter", r"{the}? (?P<year>{year}) (?P<unit>{quarter|period})"),
    ("same_quarter", r"(?P<ryear><RYEAR>) {poss} (?P<unit>{quarter|period})"),
    ("same_quarter", r"{the} {same}? (?P<unit>{quarter|period}) {of|in}? {the}? (?P<ryear><RYEAR>)"),
    ("latest_quarter", r"{the}? {latest|current} {fiscal}? (?P<unit>{quarter|period})"),
    ("quarter", r"(?: (?P<ryear0><RYEAR>) {poss}? | {the}? (?P<year0>{year}) {poss}? | {the|this})? (?: {fiscal} (?: {yearunit} {poss}?)? (?P<year1>{year})?)? (?P<ord>{ordinal|second|dayord}) {fiscal}? (?P<q>{quarter}) (?: {of|in}? {the}? {fiscal}? {yearunit}? (?: (?P<year>{year}) | (?P<ryear><RYEAR>)))?"),
    ("half", r"{the}? (?P<ord>{ordinal|second|last}) {half} (?: {of} {fiscal}? {the}? (?: (?P<year>{year}) | (?P<ryear><RYEAR>) | (?P<theyear>{yearunit})) | (?P<year0>{year}))"),
    ("relday", r"(?P<part>{part|earlier|later})? (?P<rel>{relday}) (?P<daypart><DAYPART>)?"),
    ("tonight", r"(?P<part>{part|earlier|later})? {tonight}"),
    ("double_day", r"{the}? {dayunit} (?P<dir>{before|after}) (?P<rel>{relday})"),
    ("event_day", r"{the} (?P<unit>{dayunit}) (?=(?P<dir>{before|after|following}))"),
    ("later_day", r"{earlier|later|part} {in} {the} (?P<unit>{dayunit})"),
    ("unit", r"<PART>? {the}? (?P<rel><REL> {past|coming|current|same}?) {fiscal|dayword}? (?P<unit><UNIT1>|{daypart}|{quarter}) (?: {or} {so})?"),
    ("unit_part", r"{the}? (?P<partof>{partof|part}) {of} {the} (?P<unit>{yearunit|weekunit|unit|quarter})"),
    ("year_end", r"(?: {the} (?P<unit>{yearunit}) {poss} | (?P<unit2>{yearunit}) {dash}?) (?P<partof>{partof})"),
    ("the_unit", r"{the} {fiscal}? (?P<unit>{weekendunit|quarter|yearunit})"),
    ("window", r"(?: {the|these|this|poss})? (?P<rel>{last|past|next|coming|previous|following|recent}) <ABOUT>? (?P<count><COUNT>) {dash}? {dayword}? (?P<unit><UNIT>)"),
    ("window", r"(?: {the|these|this|poss})? (?P<rel>{last|past|next|coming|previous|following|recent}) (?P<unit>{units})"),
    ("window", r"(?: {the|these|this|poss}) (?P<count><NUMBER>) (?P<rel>{last|past|previous|following|recent}) (?P<unit><UNIT>)"),
    ("ago", r"(?P<about><ABOUT>)? (?: (?P<count><COUNT>) {dash}? | {a|the} <ABOUT>?)? (?P<unit><UNIT>) (?: {or} {so})? (?: (?P<dir>{ago|earlier|later|hence|previous}) (?!{than}) | (?P<now>{from} {now|relday}) | (?P<stopdir>{before|after}) (?={stop|comma|close|and}|$)) (?P<rel>{relday})?"),
    ("units_ahead", r"{the} (?P<unit>{units}) {ahead}"),
    ("weekdays_ago", r"(?P<count>{card|daynum}) (?P<dow>{weekdays}) {ago}"),
    ("duration", r"{the|a}? {yearunit} {dash} {ago|earlier} (?P<count><COUNT>) (?P<unit>{units})"),
    ("duration", r"{the}? (?P<nth>{ordinal|second|dayord}) (?P<whole>{just}) (?P<unit>{unit|yearunit|dayunit|weekunit|weekendunit})"),
    ("year_ago", r"{the|a}? {yearunit} {dash} {ago|earlier} (?P<unit>{quarter|period|unit})?"),
    ("over_years", r"{the} (?P<unit>{units}) (?={stop|comma|and}|$)"),
    ("these_days", r"(?<!{of}) {these} (?P<unit>{units}) (?!{of})"),
    ("age", r"(?: {a}? <COUNT> {dash}? <UNIT> {dash}? {old})"),
    ("duration", r"(?P<about><ABOUT>)? (?P<count><COUNT>) {dash}? (?: {just|dayword|more})? {dash}? (?P<unit><UNIT>) (?: {and} {a} (?P<half>{half}))? (?: {dash} {long})? (?!{dash}?{old})"),
    ("duration", r"(?: {the} {ordinal|latest|last}? | {ordinal}) (?P<count><COUNT>) (?P<unit>{units})"),
    ("duration", r"(?P<about><ABOUT>)? {a|the}? (?P<whole>{just}|{half}) {dash}? (?P<unit>{unit|yearunit|dayunit|weekunit|weekendunit|centuryunit})"),
    ("duration", r"(?P<about><ABOUT>)? {a} (?P<unit>{unit|yearunit|dayunit|weekunit|weekendunit|centuryunit}) (?: {and} {a} (?P<half>{half}))? (?P<vague> {or} {card|so})? (?: {dash} {long})?"),
    ("duration", r"(?P<unit><UNIT1>|{units}) {dash} {long}"),
    ("plural", r"(?P<unit>{units})"),
    ("longword", r"{longword}"),
    ("set", r"{every} {of}? {other}? (?: (?P<count><COUNT>|{ordinal|second}))? (?: (?P<unit><UNIT>) | (?P<dow>{weekday}) | (?P<mon>{month}) | (?P<season>{season}) | (?P<daypart0>{daypart})) (?P<daypart>{daypart})?"),
    ("set", r"{per} (?P<unit><UNIT1>)"),
    ("set", r"(?: {once} | <NUMBER> {times}) {a} (?P<unit><UNIT1>)"),
    ("setword", r"{setword}"),
    ("clock", r"(?P<about>{approx})? (?: (?P<clock>{clock|daynum|card}) (?P<ap>{ampm|oclock}) | (?P<clock24>{clock}) | (?P<noon>{noon}) | (?P<mil>{year|num}) (?={zone}) | (?P<bare>{daynum|card}) (?={in}{the}{daypart})) (?P<ap2>{ampm})? <ZONE>? (?: {comma}? (?P<dow>{weekday}) | {comma}? (?P<rel>{relday}) | {in} {the} (?P<dp>{daypart}))? (?= (?: {open} {year|num} {zone} {close})? {comma}? {on}? (?P<dow2>{weekday}) )? (?= {comma}? {on}? (?: (?P<cmon>{month}) (?P<cday>{daynum|dayord}) | (?P<cday2>{daynum|dayord}) {of}? (?P<cmon2>{month})) {comma}? (?P<cyear>{year}) )?"),
    ("ref", r"{more}? {ref}"),
    ("now", r"{right}? {now}"),
    ("ref_phrase", r"{at} (?P<attime>{the} {time}) (?!{of|that}) | {at} (?P<present>{present}) | {at} {the} (?P<moment>{moment}) | {the} {near}? (?P<future>{more_ref}) | {the} {recent}? (?P<past>{past}) (?!{other|daynum|card|few})"),
    ("era", r"{the}? {era}"),
    ("yearly", r"{every} {holiday}"),
    ("holiday", r"(?P<rel>{last|next|this})? (?P<hol>{holiday}) (?: {comma|of|in}? (?P<year>{year}) | (?P<ryear><RYEAR>))?"),
)  # fmt: skip


@lru_cache(maxsize=1)
def compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The rules in order: name and compiled pattern."""
    return tuple((name, re.compile(_expand(pattern))) for name, pattern in RULES)


def _expand(pattern: str) -> str:
    while True:
        wider = re.sub(r"(?<!\?P)<([A-Z0-9]+)>", lambda m: PARTS[m[1]], pattern)
        if wider == pattern:
            break
        pattern = wider
    code = kinds()

    def chars(m: re.Match[str]) -> str:
        found = [code[k] for k in m[1].split("|")]
        return re.escape(found[0]) if len(found) == 1 else "[" + "".join(found) + "]"

    return re.sub(r"\{([a-z_|0-9]+)\}", chars, pattern.replace(" ", ""))
