// Leave this page: puts something dull in its place at once, and ends this browser's session, so that nothing is left to
// come back to. Shift three times does the same as the button. Without this file the form does it, a moment later.
const PRESSES = 3;
const WITHIN_MS = 2000;
const button = document.querySelector("form[data-leave]");

function leave() {
  // keepalive: it is sent although the page goes; manual: the answer leads away, and only the page shall follow it.
  fetch(button.action, { method: "POST", redirect: "manual", keepalive: true }).catch(() => {});
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

button?.addEventListener("submit", (event) => {
  event.preventDefault();
  leave();
});

// A page that the browser kept in memory would show the answers again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
