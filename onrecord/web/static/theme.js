// Before the page is drawn: the theme that was chosen here last, so that nothing flashes.
(function () {
  "use strict";
  try {
    var chosen = localStorage.getItem("onrecord-theme");
    if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  } catch (error) {
    /* storage is switched off: the system's theme stays */
  }
})();
