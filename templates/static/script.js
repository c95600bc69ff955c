// The theme switch, the guard against losing an edit, offers while a macro is typed, and going on from host to host at login. Everything else works without this file.
// It is loaded in <head> and not deferred, so that the chosen colours are there before the first paint.
"use strict";

(() => {
  const KEY = "grange-theme";
  const root = document.documentElement;

  // Storage may be forbidden by the browser; the switch then lasts as long as the page.
  const remembered = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  const remember = (choice) => {
    try { localStorage.setItem(KEY, choice); } catch { /* not remembered */ }
  };

  const apply = (choice) => {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      const isChosen = button.dataset.themeChoice === (root.dataset.theme ?? "auto");
      button.setAttribute("aria-pressed", String(isChosen));
    }
  };

  const showThemeSwitch = () => {
    for (const box of document.querySelectorAll("[data-theme-switch]")) {
      box.hidden = false;
      box.addEventListener("click", (event) => {
        const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
        if (!choice) return;
        remember(choice);
        apply(choice);
      });
    }
    apply(remembered());
  };

  // Asks before a changed text is left. A text that comes back with a preview counts as changed.
  const guardEdits = () => {
    for (const form of document.querySelectorAll("form[data-guard]")) {
      const text = form.elements.namedItem("savetext");
      const fromPreview = document.getElementById("preview") !== null;
      let leaving = false;
      form.addEventListener("submit", () => { leaving = true; });
      addEventListener("pageshow", () => { leaving = false; });
      addEventListener("beforeunload", (event) => {
        if (!leaving && (fromPreview || text.value !== text.defaultValue)) event.preventDefault();
      });
    }
  };

  // What the page lists below the editor.
  const listedMacros = () => [...document.querySelectorAll("[data-call]")].map((entry) => {
    const call = entry.dataset.call;
    return { call, name: /[\p{L}\p{N}_]+/u.exec(call)[0].toLowerCase(), summary: entry.querySelector("dd").textContent };
  });

  // An empty list of offers for a text.
  const offersFor = (text) => {
    const list = document.createElement("ul");
    list.id = ":offers"; // No heading has a colon in its id.
    list.className = "offers";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Macros");
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-controls", list.id);
    text.after(list);
    return list;
  };

  const offerItem = ({ call, summary }, place) => {
    const item = document.createElement("li");
    item.id = `:offer-${place}`;
    item.setAttribute("role", "option");
    const code = document.createElement("code");
    code.textContent = call;
    item.append(code, " ", summary);
    // The text keeps the focus, so that a click comes to its end.
    item.addEventListener("mousedown", (event) => event.preventDefault());
    return item;
  };

  // The letters between << and the cursor.
  const lettersTyped = (text) => {
    if (text.selectionStart !== text.selectionEnd) return null;
    return /<<([\p{L}_][\p{L}\p{N}_]*)$/u.exec(text.value.slice(0, text.selectionStart))?.[1] ?? null;
  };

  // Puts the list where the cursor's line ends, found with the same text in a box that nobody sees.
  const putBelowCursor = (text, list) => {
    const [style, mirror, cursor] = [getComputedStyle(text), document.createElement("div"), document.createElement("span")];
    for (const rule of ["font", "lineHeight", "padding", "border", "boxSizing", "tabSize", "direction"]) mirror.style[rule] = style[rule];
    Object.assign(mirror.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word", width: `${text.offsetWidth}px` });
    mirror.append(text.value.slice(0, text.selectionStart), cursor);
    cursor.textContent = "\u200b";
    text.after(mirror);
    const below = cursor.offsetTop + cursor.offsetHeight - text.scrollTop;
    list.style.top = `${text.offsetTop + Math.min(below, text.offsetHeight)}px`;
    list.style.left = `${text.offsetLeft + Math.max(0, Math.min(cursor.offsetLeft, text.offsetWidth - list.offsetWidth))}px`;
    mirror.remove();
  };

  // Writes a call in place of what was typed of it, with its arguments marked.
  const writeCall = (text, call) => {
    const end = text.selectionStart;
    const start = end - lettersTyped(text).length - 2;
    const behind = text.value.startsWith(">>", end) ? end + 2 : end;
    text.setRangeText(call, start, behind, "end");
    const [open, shut] = [call.indexOf("("), call.indexOf(")")];
    if (open > 0) text.setSelectionRange(start + open + 1, start + shut);
    text.focus();
  };

  // While the call of a macro is typed, those that fit are offered: arrows choose, Enter or Tab takes, Escape leaves.
  const offerMacros = () => {
    const text = document.getElementById("savetext");
    const known = listedMacros();
    if (!text || known.length === 0) return;
    const list = offersFor(text);
    let offers = [];
    let chosen = 0;

    const fitting = (letters) => {
      const starts = known.filter(({ name }) => name.startsWith(letters));
      return starts.concat(known.filter(({ name }) => !name.startsWith(letters) && name.includes(letters)));
    };
    const close = () => {
      list.hidden = true;
      text.removeAttribute("aria-activedescendant");
    };
    const take = (place) => {
      if (lettersTyped(text) !== null) writeCall(text, offers[place].call);
      close();
    };
    const choose = (place) => {
      chosen = place;
      [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
      text.setAttribute("aria-activedescendant", list.children[chosen].id);
    };
    const offer = () => {
      const letters = lettersTyped(text);
      offers = letters === null ? [] : fitting(letters.toLowerCase()).slice(0, 8);
      if (offers.length === 0) return close();
      list.replaceChildren(...offers.map(offerItem));
      list.hidden = false;
      putBelowCursor(text, list);
      choose(0);
    };

    list.addEventListener("click", (event) => {
      const place = [...list.children].indexOf(event.target.closest("li"));
      if (place >= 0) take(place);
    });
    text.addEventListener("input", offer);
    text.addEventListener("blur", close);
    text.addEventListener("click", close);
    text.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) choose((chosen + step + offers.length) % offers.length);
      else if (event.key === "Enter" || event.key === "Tab") take(chosen);
      else if (event.key === "Escape") close();
      else {
        if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") close();
        return;
      }
      event.preventDefault();
    });
  };

  // "More actions" closes when the visitor goes elsewhere, as a menu does.
  const closeMenus = () => {
    const closeAllBut = (kept) => {
      for (const menu of document.querySelectorAll("details.more[open]")) {
        if (menu !== kept) menu.open = false;
      }
    };
    document.addEventListener("click", (event) => closeAllBut(event.target.closest("details.more")));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") closeAllBut(null);
    });
  };

  // Presses the button of a form whose question was answered on the page before. Not on the way back:
  // the visitor would never get past it.
  const goOn = () => {
    const [navigation] = performance.getEntriesByType("navigation");
    if (navigation?.type === "back_forward") return;
    document.querySelector("form[data-go-on]")?.submit();
  };

  apply(remembered());
  document.addEventListener("DOMContentLoaded", () => {
    showThemeSwitch();
    guardEdits();
    offerMacros();
    closeMenus();
    goOn();
  });
  // Another tab's choice counts here too.
  addEventListener("storage", (event) => {
    if (event.key === KEY) apply(event.newValue);
  });
})();
