// Says, quietly and twice, how long a held time is still kept: when five minutes are left, and when one is.
// Nothing ticks. The page itself states the end; this only saves looking at the clock.
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
  at(5 * MINUTE_MS, "Five minutes are left. Going on to payment gives you half an hour more.");
  at(MINUTE_MS, "One minute is left. Going on to payment keeps the time for you.");
  at(0, "We no longer keep this time. Reload the page to see where it stands.");
}
