// Corrections: a dialog that asks what is wrong, one request that records it, a line that undoes it by one click.
(function () {
  "use strict";
  var meta = document.querySelector('meta[name="onrecord-token"]');
  var dialog = document.getElementById("correct");
  if (!meta || !dialog) return;
  var form = dialog.querySelector("form");
  var words = {
    confirm: "Confirm it",
    reject: "Reject it: it is wrong",
    set: "Set a value",
    merge: "Merge: it is the same as another",
    split: "Split: it is two",
  };
  var asked = null;

  function all(selector, inside) {
    return Array.prototype.slice.call((inside || document).querySelectorAll(selector));
  }

  function make(tag, text) {
    var node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function remembered(key, value) {
    try {
      if (value !== undefined) localStorage.setItem(key, value);
      return localStorage.getItem(key) || "";
    } catch (error) {
      return "";
    }
  }

  function choice(type, name, value, label, checked) {
    var line = make("label");
    var box = make("input");
    box.type = type;
    box.name = name;
    box.value = value;
    box.checked = Boolean(checked);
    line.append(box, " ", label);
    return line;
  }

  function tidy(text) {
    var plain = text.replace(/\s+/g, " ").trim();
    return plain.length > 110 ? plain.slice(0, 108) + " …" : plain;
  }

  function action() {
    var chosen = form.querySelector('input[name="action"]:checked');
    return chosen ? chosen.value : "";
  }

  function showParts() {
    all("[data-for]", form).forEach(function (part) {
      part.hidden = part.dataset.for !== action();
    });
  }

  // What it may be the same as: the likely ones, or those with the words typed; what is ticked stays.
  var looked = 0;
  function look() {
    var mine = ++looked;
    var box = form.querySelector('[data-for="merge"] [data-choices]');
    var given = new URLSearchParams({ table: asked.table, id: asked.ids, q: form.elements.find.value });
    fetch("/api/candidates?" + given)
      .then(function (answer) {
        return answer.json();
      })
      .then(function (told) {
        if (mine !== looked || !told.candidates) return;
        var kept = all("label", box).filter(function (line) {
          return line.querySelector("input").checked;
        });
        var ids = kept.map(function (line) {
          return line.querySelector("input").value;
        });
        box.replaceChildren.apply(box, kept);
        told.candidates.forEach(function (row) {
          if (ids.indexOf(row.id) >= 0) return;
          var line = choice("checkbox", "with", row.id, tidy(row.words));
          line.append(" ", make("small", row.detail));
          box.append(line);
        });
        if (!box.children.length) box.append(make("small", "Nothing else has these words."));
      });
  }

  function parts(button) {
    var scope = (asked.table === "events" && button.closest("article[data-event]")) || document;
    return all("[data-part]", scope).filter(function (node) {
      return asked.parts === "reports" ? /^r_/.test(node.dataset.part) : !/^r_/.test(node.dataset.part);
    });
  }

  function open(button) {
    asked = Object.assign({}, button.dataset);
    form.querySelector("[data-about]").textContent = asked.about;
    form.querySelector("[data-alert]").textContent = "";
    var actions = form.querySelector("[data-actions]");
    all("label", actions).forEach(function (line) {
      line.remove();
    });
    asked.offers.split(" ").forEach(function (name, n) {
      actions.append(choice("radio", "action", name, words[name], n === 0));
    });
    var field = form.elements.field;
    field.replaceChildren();
    (asked.fields || "").split(" ").forEach(function (name) {
      if (name) {
        var option = make("option", name.replace(/_/g, " "));
        option.value = name;
        field.append(option);
      }
    });
    form.querySelector('[data-for="merge"] [data-choices]').replaceChildren();
    var split = form.querySelector('[data-for="split"] [data-choices]');
    split.replaceChildren();
    if (/split/.test(asked.offers)) {
      parts(button).forEach(function (node) {
        split.append(choice("checkbox", "part", node.dataset.part, tidy(node.textContent)));
      });
    }
    form.querySelector("[data-named]").hidden = asked.table !== "entities";
    ["value", "find", "name", "why"].forEach(function (name) {
      form.elements[name].value = "";
    });
    form.elements.who.value = remembered("onrecord-who");
    showParts();
    dialog.showModal();
    if (/merge/.test(asked.offers)) look();
  }

  function ticked(name) {
    return all('input[name="' + name + '"]:checked', form).map(function (box) {
      return box.value;
    });
  }

  function body() {
    var out = { action: action(), table: asked.table, ids: [asked.ids], why: form.elements.why.value };
    if (form.elements.who.value) out.who = remembered("onrecord-who", form.elements.who.value) || form.elements.who.value;
    if (asked.table === "ledger") {
      out.field = asked.field;
      out.value = asked.value;
    } else if (out.action === "set") {
      var value = form.elements.value.value.trim();
      out.field = form.elements.field.value;
      out.value = value || null;
      if (out.field === "actor" || out.field === "recipient") {
        out.value = value
          .split(";")
          .map(function (name) {
            return name.trim();
          })
          .filter(Boolean);
      }
    } else if (out.action === "merge") {
      out.ids = out.ids.concat(ticked("with"));
    } else if (out.action === "split") {
      out.value = {};
      out.value[asked.parts] = ticked("part");
      if (asked.table === "entities") out.value.name = form.elements.name.value.trim();
    }
    return out;
  }

  function send(method, address, given) {
    var headers = { "X-Onrecord-Token": meta.content };
    if (given) headers["Content-Type"] = "application/json";
    return fetch(address, { method: method, headers: headers, body: given ? JSON.stringify(given) : undefined }).then(
      function (answer) {
        return answer.json().then(function (told) {
          if (!answer.ok) throw new Error(told.error.message + (told.error.remedy ? "; " + told.error.remedy : ""));
          return told;
        });
      }
    );
  }

  function done(told, said) {
    try {
      sessionStorage.setItem("onrecord-done", JSON.stringify({ id: told.correction_id, said: said }));
    } catch (error) {
      /* the page shows what changed all the same */
    }
    var story = document.querySelector("[data-event-page] a[href^='/stories/']");
    if (told.action === "reject" && told.table === "events" && story) location.href = story.href.split("#")[0];
    else location.reload();
  }

  var typing = 0;
  form.elements.find.addEventListener("input", function () {
    clearTimeout(typing);
    typing = setTimeout(look, 200);
  });
  form.elements.find.addEventListener("keydown", function (event) {
    if (event.key === "Enter") event.preventDefault();
  });
  form.addEventListener("change", showParts);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var button = form.querySelector('button[type="submit"]');
    var alert = form.querySelector("[data-alert]");
    var given = body();
    button.disabled = true;
    alert.textContent = "Being recorded …";
    send("POST", "/api/corrections", given)
      .then(function (told) {
        done(told, "Put on record.");
      })
      .catch(function (error) {
        alert.textContent = error.message;
      })
      .finally(function () {
        button.disabled = false;
      });
  });
  form.querySelector("[data-close]").addEventListener("click", function () {
    dialog.close();
  });

  function undo(button) {
    button.disabled = true;
    button.textContent = "Undoing …";
    send("DELETE", "/api/corrections/" + encodeURIComponent(button.dataset.undo))
      .then(function (told) {
        done(told, "Undone.");
      })
      .catch(function (error) {
        button.textContent = error.message;
      });
  }

  all("[data-correct]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      open(button);
    });
  });

  try {
    var last = JSON.parse(sessionStorage.getItem("onrecord-done") || "null");
    sessionStorage.removeItem("onrecord-done");
    if (last) {
      var line = make("div");
      line.className = "toast";
      line.setAttribute("role", "status");
      var back = make("button", last.said === "Undone." ? "Redo" : "Undo");
      back.type = "button";
      back.dataset.undo = last.id;
      back.hidden = true;
      line.append(last.said + " ", back);
      document.body.append(line);
    }
  } catch (error) {
    /* nothing to tell */
  }

  all("[data-undo]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      undo(button);
    });
  });
})();
