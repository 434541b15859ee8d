// The week before and the week after by one key, while the week has the focus. Without this file the links do it.
const BEFORE = new Set(["ArrowLeft", "k"]);
const AFTER = new Set(["ArrowRight", "j"]);
const KEEP = "practice.week-focus";
const week = document.querySelector("[data-week]");

week?.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
  const which = BEFORE.has(event.key) ? "before" : AFTER.has(event.key) ? "after" : null;
  if (which === null) return;
  event.preventDefault();
  try {
    sessionStorage.setItem(KEEP, "yes");
  } catch {
    // without it the next week only doesn't take the focus
  }
  document.querySelector(`[data-week-${which}]`).click();
});

// Whoever turns the pages by key goes on turning: the next week has the focus too.
try {
  if (week && sessionStorage.getItem(KEEP)) {
    sessionStorage.removeItem(KEEP);
    week.focus({ preventScroll: true });
  }
} catch {
  // no storage, no matter
}
