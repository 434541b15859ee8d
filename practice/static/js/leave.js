// Leave this page: puts something dull in its place at once, and keeps this page out of the browser's way back.
// Shift three times does the same as the button. Without this file the button is a plain link.
const PRESSES = 3;
const WITHIN_MS = 2000;
const button = document.querySelector("[data-leave]");

function leave() {
  for (const form of document.forms) form.reset();
  document.title = "";
  document.body.replaceChildren();
  window.location.replace(button.dataset.leave);
}

let pressed = [];

document.addEventListener("keydown", (event) => {
  if (event.repeat) return;
  if (event.key !== "Shift") {
    pressed = []; // somebody is typing capitals
    return;
  }
  const now = event.timeStamp;
  pressed = [...pressed.filter((earlier) => now - earlier < WITHIN_MS), now];
  if (button && pressed.length >= PRESSES) leave();
});

button?.addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});

// A page that the browser kept in memory would show the answers again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
