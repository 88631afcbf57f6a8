// SPDX-License-Identifier: Apache-2.0
/* The harness finds faults that are planted: else its peace means nothing. */
import { open, sideways, violations } from "./states.mjs";

export async function selfTest(browser, facts, results) {
    const page = await open(browser);
    await page.goto(`${facts.issuer}/login`);
    results.check("a page of ours is sound",
        (await violations(page)).length === 0 && !await sideways(page) &&
        page.csp.length === 0);
    await page.evaluate(() => {
        document.documentElement.removeAttribute("lang");
        for (const e of document.querySelectorAll("label"))
            e.remove();
    });
    const found = (await violations(page)).join("\n");
    results.check("axe-core finds a page without language",
        found.includes("html-has-lang"));
    results.check("axe-core finds a field without a label",
        found.includes("label "));
    await page.evaluate(() => {
        document.querySelector("main").style.minWidth = "3000px";
    });
    results.check("a wide page is found", await sideways(page));
    await page.evaluate(() => {
        const s = document.createElement("script");
        s.textContent = "document.title = 'ran'";
        document.body.append(s);
    });
    await page.waitForTimeout(100);
    results.check("a violation of the CSP is seen", page.csp.length > 0);
    results.check("and prevented", await page.title() !== "ran");
    await page.evaluate(() => setTimeout(() => { throw new Error("x"); }));
    await page.waitForTimeout(100);
    results.check("an error in a page is seen", page.faults.length === 1);
    await page.context().close();
}
