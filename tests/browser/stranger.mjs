// SPDX-License-Identifier: Apache-2.0
/*
 * stranger.mjs FACTS -- from the URL examples/quickstart prints to a chart,
 * with what it prints and nothing but a browser; once for each user.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { choose, share, signIn } from "./launches.mjs";
import { close, open, Results } from "./states.mjs";

const facts = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const results = new Results(facts);

async function visit(browser, user) {
    const page = await open(browser);
    await page.goto(facts.app);
    await page.getByRole("button", { name: "Connect" }).click();
    await signIn(page, { password: user.password }, user.name);
    if (user.kind === "practitioner")
        await choose(page, "Choose", /Ella/);
    await share(page);
    await page.locator("#height svg .m0").first().waitFor();
    results.check(`${user.name}: ${await page.title()}`,
        (await page.title()).startsWith("Ella"));
    results.check(`${user.name}: at the app`,
        page.url().startsWith(facts.app));
    await page.screenshot({ fullPage: true,
        path: `${facts.artefacts}/quickstart-${user.name}.png` });
    await close(page, user.name, results);
}

const browser = await chromium.launch({ executablePath: facts.chromium,
    args: facts.root ? ["--no-sandbox"] : [] });
try {
    results.check("two users", facts.users.length === 2);
    for (const user of facts.users)
        await visit(browser, user).catch(
            e => results.check(`${user.name}: ${e.message}`, false));
} finally {
    await browser.close();
}
writeFileSync(facts.counts, JSON.stringify(results.counts()));
