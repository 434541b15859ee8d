// A button that prints the page, where scripts run; the browser's own command does the same without.
const press = document.querySelector("[data-print]");
press.hidden = false;
press.addEventListener("click", () => window.print());
