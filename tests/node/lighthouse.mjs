// Has Lighthouse judge pages. Standard input: {chrome, flags, categories, throttling, urls}. Standard output: for each of
// the urls, in turn, {scores: {category: 0 to 1}, failing: [the audits that cost something]}.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";
import { readFileSync } from "node:fs";

const asked = JSON.parse(readFileSync(0, "utf8"));
const browser = await launch({ chromePath: asked.chrome, chromeFlags: asked.flags, logLevel: "silent" });
const judged = [];
try {
  for (const url of asked.urls) {
    const { lhr } = await lighthouse(url, {
      port: browser.port,
      logLevel: "silent",
      onlyCategories: asked.categories,
      throttlingMethod: asked.throttling,
      disableFullPageScreenshot: true,
    });
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    const counted = Object.values(lhr.categories).flatMap((one) => one.auditRefs.filter((audit) => audit.weight > 0));
    judged.push({
      scores: Object.fromEntries(Object.entries(lhr.categories).map(([id, category]) => [id, category.score])),
      failing: [...new Set(counted.map((one) => one.id))].filter((id) => (lhr.audits[id].score ?? 1) < 1),
    });
  }
} finally {
  await browser.kill();
}
process.stdout.write(JSON.stringify(judged));
