// Reads a calendar from standard input with ical.js and writes what it understood as JSON.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    sequence: event.sequence,
    summary: event.summary,
    status: component.getFirstPropertyValue("status"),
    starts: event.startDate.toJSDate().toISOString(),
    ends: event.endDate.toJSDate().toISOString(),
  };
});
const busy = calendar.getAllSubcomponents("vfreebusy").map((component) =>
  component.getAllProperties("freebusy").map((property) => {
    const period = property.getFirstValue();
    return [period.start.toJSDate().toISOString(), period.getEnd().toJSDate().toISOString()];
  }),
);
process.stdout.write(JSON.stringify({ method: calendar.getFirstPropertyValue("method"), events, busy }));
