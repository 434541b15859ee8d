// Single keys in the list of requests and on a request. Everything they do, a link does too.
// They can be switched off where they are listed, do nothing while somebody types, and ask nothing of the server.
const OFF = "practice.keys-off";
const LIST = "practice.requests";
const keys = document.querySelector("[data-keys]");
const on = document.querySelector("[data-keys-on]");
const shown = document.querySelector("[data-keys-shown]");
const show = document.querySelector("[data-keys-show]");
const said = document.querySelector("[data-keys-said]");
const lines = [...document.querySelectorAll("[data-queue] [data-line]")];
const turning = document.querySelector("[data-turning]");

const recall = (store, name) => {
  try {
    return store.getItem(name);
  } catch {
    return null; // without it, keys are on and there is no list to go through
  }
};
const remember = (store, name, value) => {
  try {
    store.setItem(name, value);
  } catch {
    // no storage, no matter
  }
};
const say = (words) => {
  said.textContent = words;
};

function move(step) {
  const at = lines.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : lines.length - 1) : at + step;
  if (!lines[next]) return say(step > 0 ? keys.dataset.last : keys.dataset.first);
  say("");
  lines[next].focus();
  lines[next].closest("li").scrollIntoView({ block: "nearest" });
}

// The list that was open last in this tab, as addresses alone.
const listed = () => JSON.parse(recall(sessionStorage, LIST) || "[]");
const neighbour = (step) => {
  const all = listed();
  const at = all.indexOf(location.pathname);
  return at < 0 ? undefined : all[at + step];
};
function turn(step) {
  const address = neighbour(step);
  if (address) location.assign(address);
  else say(step > 0 ? keys.dataset.lastOfList : keys.dataset.firstOfList);
}

function toggle() {
  shown.hidden = !shown.hidden;
  show.setAttribute("aria-expanded", String(!shown.hidden));
  if (!shown.hidden) shown.focus();
}

const inList = {
  j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
  "/": () => document.querySelector("[role=search] input[type=search]").focus(),
};
const onRequest = { n: () => turn(1), p: () => turn(-1) };

const types = (one) => one.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog");

if (keys) {
  keys.hidden = false;
  on.checked = recall(localStorage, OFF) === null;
  on.addEventListener("change", () => {
    if (on.checked) localStorage.removeItem(OFF);
    else remember(localStorage, OFF, "yes");
  });
  show.addEventListener("click", toggle);
  const acts = { ...(document.querySelector("[data-queue]") ? inList : {}), ...(turning ? onRequest : {}), "?": toggle };
  document.addEventListener("keydown", (event) => {
    if (!on.checked || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.defaultPrevented || types(event.target) || !Object.hasOwn(acts, event.key)) return;
    // Arrows scroll the page until somebody is in the list.
    if (event.key.startsWith("Arrow") && !lines.includes(document.activeElement)) return;
    event.preventDefault();
    acts[event.key]();
  });
}

if (lines.length) {
  remember(sessionStorage, LIST, JSON.stringify(lines.map((one) => new URL(one.href).pathname)));
}
if (turning) {
  for (const [step, link] of [[-1, turning.querySelector("[data-before]")], [1, turning.querySelector("[data-next]")]]) {
    const address = neighbour(step);
    if (!address) continue;
    link.href = address;
    link.hidden = false;
    turning.hidden = false;
  }
}
