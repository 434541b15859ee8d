// Offers the device's own time zone where the page shows another. The switch works without this file.
const offer = document.querySelector("[data-zone-offer]");
const detected = Intl.DateTimeFormat().resolvedOptions().timeZone;

function offsetNow(zone) {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  return parts.formatToParts(new Date()).find((part) => part.type === "timeZoneName").value;
}

function words(zone) {
  const parts = new Intl.DateTimeFormat(`${document.documentElement.lang}-US`, { timeZone: zone, timeZoneName: "longGeneric" });
  return parts.formatToParts(new Date()).find((part) => part.type === "timeZoneName").value;
}

if (offer && detected && offsetNow(detected) !== offsetNow(offer.dataset.zoneShown)) {
  const address = new URL(offer.dataset.zoneAddress, window.location.href);
  address.searchParams.set("zone", detected);
  offer.querySelector("[data-zone-words]").textContent = words(detected);
  offer.querySelector("[data-zone-link]").href = address.href;
  offer.hidden = false;
}
