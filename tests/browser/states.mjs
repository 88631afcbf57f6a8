// SPDX-License-Identifier: Apache-2.0
/*
 * What holds for every page in every state: no violation of WCAG 2.2 AA that
 * axe-core can find and no sideways scrolling, at 1280 and 320 px, by day
 * and by night; no script error and no violation of its own CSP.
 */
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const axe = readFileSync(
    createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
    "best-practice"];
const WIDTHS = [1280, 320];
const SCHEMES = ["light", "dark"];

export class Results {
    constructor(facts) {
        this.facts = facts;
        this.passed = this.failed = 0;
    }

    check(name, held) {
        if (held)
            this.passed++;
        else {
            this.failed++;
            console.log("FAIL", name);
        }
        return held;
    }

    counts() {
        return { passed: this.passed, failed: this.failed };
    }
}

/** Runs in the page by the debugger, which no CSP of the page concerns. */
async function evaluate(page, expression) {
    const cdp = await page.context().newCDPSession(page);
    try {
        const got = await cdp.send("Runtime.evaluate",
            { expression, awaitPromise: true, returnByValue: true });
        if (got.exceptionDetails)
            throw new Error(got.exceptionDetails.exception?.description);
        return got.result.value;
    } finally {
        await cdp.detach();
    }
}

/** Lines of what axe-core finds. */
export async function violations(page) {
    await evaluate(page, axe + ";0");
    return evaluate(page, `axe.run(document, { runOnly: ${
        JSON.stringify(TAGS)}, preload: false }).then(r => {
        if (!r.passes.length)
            return ["axe-core looked at nothing"];
        return r.violations.flatMap(v => v.nodes.map(
            n => v.id + " " + n.target.join(" ") + ": " + n.html));
    })`);
}

/** Is anything wider than the window? */
export function sideways(page) {
    return page.evaluate(() => {
        const e = document.scrollingElement;
        return e.scrollWidth > e.clientWidth;
    });
}

/** A window whose faults are kept: window.faults, window.csp. */
export async function open(browser, options = {}) {
    const context = await browser.newContext(
        { viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(10000);
    page.faults = [];
    page.csp = [];
    page.on("pageerror", e => page.faults.push(String(e)));
    page.on("console", m => {
        if (/Content.Security.Policy/i.test(m.text()))
            page.csp.push(m.text());
    });
    return page;
}

/** The page as it stands, in all widths and schemes. */
export async function state(page, name, results) {
    for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of SCHEMES) {
            await page.emulateMedia({ colorScheme });
            const at = `${name}, ${width} px, ${colorScheme}`;
            const found = await violations(page);
            results.check(`${at}: ${found.join("\n    ")}`,
                found.length === 0);
            results.check(`${at}: scrolls sideways`,
                !await sideways(page));
            if ((width === 320) === (colorScheme === "dark"))
                await page.screenshot({ fullPage: true,
                    path: `${results.facts.artefacts}/${
                        name.replace(/[^a-z0-9]+/gi, "-")}-${width}-${
                        colorScheme}.png` });
        }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: "light" });
}

/** At the end of a window: nothing went wrong in it. */
export async function close(page, name, results) {
    results.check(`${name}: ${page.faults.join("; ")}`,
        page.faults.length === 0);
    results.check(`${name}: ${page.csp.join("; ")}`, page.csp.length === 0);
    await page.context().close();
}
