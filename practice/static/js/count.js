// Says, politely, how many characters are left where somebody writes near the limit, and how many are too many.
// Nothing is cut off: whoever wrote too much decides what to leave out. Without it, the hint names the limit.
const NEAR = 0.8; // of the limit
const PAUSE_MS = 700; // so that a screen reader isn't told at every key

// As the server counts: characters, not the halves of which some are made.
function lengthOf(text) {
  return [...text.trim()].length;
}

// The words are the page's; {} stands for the number.
function words(length, longest, { countLeft, countLeftOne, countOver, countOverOne }) {
  if (length < longest * NEAR) return "";
  const left = longest - length;
  const many = Math.abs(left);
  const [one, several] = left >= 0 ? [countLeftOne, countLeft] : [countOverOne, countOver];
  return (many === 1 ? one : several).replace("{}", many.toLocaleString(`${document.documentElement.lang}-US`));
}

for (const box of document.querySelectorAll("[data-longest]")) {
  const place = document.createElement("p");
  place.className = "hint count";
  place.setAttribute("role", "status");
  box.after(place);
  const longest = Number(box.dataset.longest);
  let waiting;
  const say = () => { place.textContent = words(lengthOf(box.value), longest, box.dataset); };
  box.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(say, PAUSE_MS);
  });
  say();
}
