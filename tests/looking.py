"""What the browser tests look for in a page: contrast, names and headings for screen readers, ways of the keyboard."""

from __future__ import annotations

import itertools
from typing import Any

from playwright.sync_api import Page

# Text whose contrast with what lies behind it is below WCAG 2.2 AA (1.4.3): 4.5, or 3 for large text. Half-transparent
# grounds are laid over each other as painted; of a picture's text the ground is the last shape drawn below it.
CONTRAST = """() => {
  const numbers = c => (c.match(/[-\\d.e]+/g) || []).map(Number);
  const parse = c => {
    const n = numbers(c), a = n.length > 3 ? n[3] : 1;
    return c.startsWith('color(') ? [n[0] * 255, n[1] * 255, n[2] * 255, a] : [n[0], n[1], n[2], a];
  };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = c => [0, 1, 2].map(i => c[i] / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const grounds = node => {
    const layers = [];
    for (let e = node; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.backgroundImage.includes('gradient')) {
        const found = style.backgroundImage.match(/(rgba?|color)\\([^()]*\\)/g) || [];
        layers.push(found.map(parse));
      } else layers.push([parse(style.backgroundColor)]);
    }
    let out = [[255, 255, 255, 1]];
    for (const layer of layers.reverse()) out = layer.flatMap(top => out.map(under => over(top, under)));
    return out;
  };
  const shapes = new Map();
  const below = text => {
    const svg = text.closest('svg'), box = text.getBoundingClientRect();
    if (!shapes.has(svg))
      shapes.set(svg, [...svg.querySelectorAll('circle, rect')].map(s => [s, s.getBoundingClientRect()]));
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    const found = shapes.get(svg).filter(([s, r]) => r.left <= x && x <= r.right && r.top <= y && y <= r.bottom
      && s.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING).pop();
    const ground = grounds(svg)[0];
    if (!found) return [ground];
    const style = getComputedStyle(found[0]), fill = parse(style.fill);
    fill[3] *= Number(style.fillOpacity) * Number(style.opacity);
    return [over(fill, ground)];
  };
  document.querySelectorAll('details').forEach(d => { d.open = true; });
  const seen = new Set(), bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, words = walker.currentNode.data.trim();
    if (!words || seen.has(e) || e.closest('title, option, .unseen, [hidden], .skip')) continue;
    seen.add(e);
    if (!e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(e), drawn = e.closest('svg');
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ink = parse(drawn ? style.fill : style.color);
    for (const ground of drawn ? below(e) : grounds(e)) {
      const r = ratio(over(ink, ground), ground);
      if (r < (large ? 3 : 4.5))
        bad.push(`${r.toFixed(2)} ${e.tagName}.${e.getAttribute('class')} ${words.slice(0, 40)}`);
    }
  }
  return bad;
}"""

REACHABLE = """() => [...document.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter(e => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }))
  .filter(e => e.type !== 'radio' || e.checked)
  .map((e, n) => { e.dataset.n = n; return n; }).length"""

FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  const told = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return [e.dataset.n === undefined ? -1 : Number(e.dataset.n), told, e.outerHTML.slice(0, 90)];
}"""

NAMED = {
    "button", "link", "checkbox", "radio", "textbox", "searchbox", "combobox", "spinbutton", "image", "img", "region",
    "navigation", "complementary", "search", "dialog", "article", "Date", "DisclosureTriangle",
}  # fmt: skip


def heard(page: Page) -> list[dict[str, Any]]:
    """The page as a screen reader hears it: role, name, level of each node, in order."""
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    out = []
    for node in nodes:
        if node.get("ignored"):
            continue
        level = next((p["value"]["value"] for p in node.get("properties", []) if p["name"] == "level"), None)
        name = str(node.get("name", {}).get("value", "")).strip()
        out.append({"role": node["role"]["value"], "name": name, "level": level})
    return out


def misheard(page: Page) -> list[str]:
    """What a screen reader would stumble over."""
    nodes = heard(page)
    wrong = [f"{n['role']} without a name" for n in nodes if n["role"] in NAMED - {"article"} and not n["name"]]
    roles = [n["role"] for n in nodes]
    for role in ("main", "banner", "contentinfo"):
        if roles.count(role) != 1:
            wrong.append(f"{roles.count(role)} of {role}")
    regions = [(n["role"], n["name"]) for n in nodes if n["role"] in ("navigation", "complementary")]
    wrong += [f"two of {r}" for r in set(regions) if regions.count(r) > 1]
    levels = [int(n["level"]) for n in nodes if n["role"] == "heading" and n["level"]]
    if levels.count(1) != 1 or levels[:1] != [1]:
        wrong.append(f"headings {levels[:6]}")
    wrong += [f"a heading of level {b} after {a}" for a, b in itertools.pairwise(levels) if b > a + 1]
    wrong += [n["role"] + " empty heading" for n in nodes if n["role"] == "heading" and not n["name"]]
    return wrong


def unreached(page: Page) -> list[str]:
    """Ways of the page that Tab does not come by, or comes by without showing it."""
    wanted = page.evaluate(REACHABLE)
    seen: set[int] = set()
    wrong: list[str] = []
    for _ in range(wanted + 20):
        page.keyboard.press("Tab")
        n, told, what = page.evaluate(FOCUSED)
        if n < 0 or n in seen:
            if len(seen) >= wanted:
                break
            continue
        seen.add(n)
        if not told:
            wrong.append(f"focus is not shown: {what}")
    missed = [n for n in range(wanted) if n not in seen]
    wrong += [page.evaluate("n => document.querySelector(`[data-n='${n}']`).outerHTML.slice(0, 90)", n) for n in missed]
    return wrong
