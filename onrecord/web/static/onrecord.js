// What the pages gain where script runs; each of them works without it.
(function () {
  "use strict";
  var root = document.documentElement;
  var calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  function all(selector, inside) {
    return Array.prototype.slice.call((inside || document).querySelectorAll(selector));
  }

  function show(node, block) {
    if (node) node.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: block || "center" });
  }

  // The theme: system, until somebody chooses.
  all("[data-theme-toggle]").forEach(function (button) {
    function dark() {
      return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    }
    function tell() {
      button.setAttribute("aria-pressed", String(dark()));
    }
    button.hidden = false;
    button.addEventListener("click", function () {
      root.dataset.theme = dark() ? "light" : "dark";
      try {
        localStorage.setItem("onrecord-theme", root.dataset.theme);
      } catch (error) {
        /* it lasts for this page then */
      }
      tell();
    });
    tell();
  });

  // A link to an event opens its ledger.
  function openTarget() {
    var id = decodeURIComponent(location.hash.slice(1));
    var node = id && document.getElementById(id);
    if (!node) return;
    var folded = node.closest("details") || node.querySelector("details.ledger");
    if (folded) folded.open = true;
  }

  // "#c120-160" marks characters 120 to 160 of the report's text (code points, half open).
  function length(text) {
    var n = 0;
    for (var c of text) n += c ? 1 : 0;
    return n;
  }

  function units(text, points) {
    var n = 0;
    for (var c of text) {
      if (points-- <= 0) break;
      n += c.length;
    }
    return n;
  }

  function clearSpan() {
    all("mark.here").forEach(function (mark) {
      var parent = mark.parentNode;
      while (mark.firstChild) parent.insertBefore(mark.firstChild, mark);
      parent.removeChild(mark);
      parent.normalize();
    });
  }

  function showSpan() {
    var found = /^#c(\d+)-(\d+)$/.exec(location.hash);
    var text = document.querySelector("[data-text]");
    clearSpan();
    if (!found || !text) return;
    var from = Number(found[1]);
    var to = Number(found[2]);
    var first = null;
    all("[data-c]", text).forEach(function (piece) {
      var start = Number(piece.dataset.c);
      var words = piece.textContent;
      var end = start + length(words);
      if (end <= from || start >= to) return;
      var node = piece.firstChild;
      var range = document.createRange();
      range.setStart(node, units(words, Math.max(0, from - start)));
      range.setEnd(node, units(words, Math.min(end, to) - start));
      var mark = document.createElement("mark");
      mark.className = "here";
      range.surroundContents(mark);
      if (!first) first = mark;
    });
    if (first) {
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
      show(first);
    }
  }

  // On a narrow page the stories come first, unless they are filtered.
  if (matchMedia("(max-width: 62rem)").matches) {
    all("[data-fold]").forEach(function (box) {
      box.open = false;
    });
  }

  // A timeline that is wider than its box begins at its end: the newest.
  all(".picturebox").forEach(function (box) {
    if (box.querySelector(".timeline")) box.scrollLeft = box.scrollWidth;
  });

  // A click in a report's text shows what is marked there.
  var panel = document.querySelector("[data-marks]");
  function lift(numbers) {
    all(".datum", panel).forEach(function (datum) {
      datum.classList.toggle("lit", numbers.indexOf(datum.dataset.m) >= 0);
    });
    var lit = all(".datum.lit", panel);
    lit.forEach(function (datum) {
      datum.closest("details").open = true;
    });
    if (lit.length) show(lit[0], "nearest");
  }
  if (panel) {
    all("[data-m]", document.querySelector("[data-text]")).forEach(function (piece) {
      piece.addEventListener("click", function () {
        var chosen = getSelection && String(getSelection());
        if (!chosen) lift(piece.dataset.m.split(" "));
      });
    });
  }

  // Side by side: a shared passage lights up in every column, and a click brings the others to it.
  var sheet = document.querySelector("[data-compare]");
  if (sheet) {
    var pieces = all("[data-m]", sheet);
    var light = function (numbers) {
      pieces.forEach(function (piece) {
        var mine = piece.dataset.m.split(" ");
        piece.classList.toggle(
          "lit",
          numbers.some(function (n) {
            return mine.indexOf(n) >= 0;
          })
        );
      });
    };
    var follow = function (number, except) {
      all("[data-column]", sheet).forEach(function (column) {
        if (column === except) return;
        var target = all("[data-m]", column).filter(function (piece) {
          return piece.dataset.m.split(" ").indexOf(number) >= 0;
        })[0];
        if (!target) return;
        var box = column.querySelector("[data-scroll]");
        var by = target.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
        box.scrollBy({ top: by, behavior: calm ? "auto" : "smooth" });
      });
    };
    pieces.forEach(function (piece) {
      var numbers = piece.dataset.m.split(" ");
      piece.addEventListener("mouseenter", function () {
        light(numbers);
      });
      piece.addEventListener("mouseleave", function () {
        light([]);
      });
      piece.addEventListener("click", function () {
        light(numbers);
        follow(numbers[0], piece.closest("[data-column]"));
      });
    });
    all("[data-passage]").forEach(function (link) {
      link.addEventListener("click", function () {
        light([link.dataset.passage]);
        follow(link.dataset.passage, null);
      });
    });
  }

  // "/" puts the cursor into the search box, as newsroom tools do.
  document.addEventListener("keydown", function (event) {
    var inField = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !inField && !event.ctrlKey && !event.metaKey && !event.altKey) {
      var box = document.querySelector("#q");
      if (box) {
        box.focus();
        box.select();
        event.preventDefault();
      }
    }
  });

  all("[data-submit]").forEach(function (box) {
    box.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.form.requestSubmit();
    });
  });

  all("[data-copy]").forEach(function (button) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(button.dataset.copy).then(function () {
        button.textContent = "Copied";
      });
    });
  });

  // On paper every ledger is open.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = all("details.ledger:not([open])");
    opened.forEach(function (d) {
      d.open = true;
    });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (d) {
      d.open = false;
    });
  });
  all("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      print();
    });
  });

  addEventListener("hashchange", function () {
    openTarget();
    showSpan();
  });
  openTarget();
  showSpan();
})();
