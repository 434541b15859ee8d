// Says, quietly and twice, how long a held time is still kept: when five minutes are left, and when one is.
// Nothing ticks. The page itself states the end; this only saves looking at the clock. The words are the page's.
const MINUTE_MS = 60_000;
const place = document.querySelector("[data-hold-until]");

function say(words) {
  place.textContent = words;
}

if (place) {
  // The server's clock counts, not the device's.
  const left = Date.parse(place.dataset.holdUntil) - Date.parse(place.dataset.holdNow);
  const at = (before, words) => {
    if (left > before) window.setTimeout(say, left - before, words);
  };
  at(5 * MINUTE_MS, place.dataset.holdFive);
  at(MINUTE_MS, place.dataset.holdOne);
  at(0, place.dataset.holdOver);
}
