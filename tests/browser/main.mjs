// SPDX-License-Identifier: Apache-2.0
/*
 * main.mjs FACTS -- Chromium through every launch and every page.
 *
 * FACTS is JSON that tests/suites/browser writes: where the servers are and
 * who may sign in.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { launches } from "./launches.mjs";
import { measure } from "./measure.mjs";
import { pages } from "./pages.mjs";
import { selfTest } from "./selftest.mjs";
import { Results } from "./states.mjs";

const facts = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const results = new Results(facts);
const browser = await chromium.launch({
    executablePath: facts.chromium,
    // Chromium's own sandbox wants another user than root.
    args: facts.root ? ["--no-sandbox"] : [],
});
try {
    for (const part of [measure, selfTest, launches, pages])
        await part(browser, facts, results).catch(
            e => results.check(`${part.name}: ${e.stack}`, false));
} finally {
    await browser.close();
}
writeFileSync(facts.counts, JSON.stringify(results.counts()));
