// The theme switch, the guard against losing an edit, and going on from host to host at login. Everything else works without this file.
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
    closeMenus();
    goOn();
  });
  // Another tab's choice counts here too.
  addEventListener("storage", (event) => {
    if (event.key === KEY) apply(event.newValue);
  });
})();
