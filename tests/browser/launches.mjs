// SPDX-License-Identifier: Apache-2.0
/*
 * The sample app, from another origin: both launches, each client.
 *
 * Requirements M01-M10; interop 17, 19.
 */
import { close, open, state } from "./states.mjs";

export async function signIn(page, facts, user) {
    await page.getByLabel("User name").fill(user);
    await page.getByLabel("Password").fill(facts.password);
    await page.getByRole("button", { name: "Sign in" }).click();
}

export const share = page =>
    page.getByRole("button", { name: "Share selected" }).click();

export const choose = (page, verb, name) =>
    page.getByRole("row", { name }).getByRole("button",
        { name: verb }).click();

/* What went over the line, as far as the launch is concerned. */
function listen(page, facts) {
    const seen = { authorize: [], token: [] };
    page.on("request", r => {
        const url = new URL(r.url());
        if (r.url().startsWith(`${facts.issuer}/authorize`))
            seen.authorize.push(url.searchParams);
        if (r.url() === `${facts.issuer}/token` && r.method() === "POST")
            seen.token.push({ headers: r.allHeaders(),
                body: new URLSearchParams(r.postData()) });
    });
    return seen;
}

async function drawn(page, name, who, results) {
    await page.locator("figure svg").first().waitFor();
    results.check(`${name}: ${await page.title()}`,
        (await page.title()).startsWith(who));
    const said = await page.locator("#status").textContent();
    results.check(`${name}: "${said}"`, said === "");
    results.check(`${name}: charts of growth`,
        await page.locator("#height svg .m0").count() > 5 &&
        await page.locator("#weight svg .m0").count() > 5);
}

/* PKCE as the app was told to; the secret in the header, if there is one. */
async function asked(name, app, seen, facts, results) {
    const old = app.endsWith("2016"), secret = app.startsWith("secret");
    const [a, t] = [seen.authorize[0], seen.token[0]];
    if (!results.check(`${name}: one code was redeemed`,
        seen.authorize.length === 1 && seen.token.length === 1))
        return;
    const headers = await t.headers;
    results.check(`${name}: code challenge`, old ?
        !a.has("code_challenge") : a.get("code_challenge_method") === "S256");
    results.check(`${name}: code verifier`,
        t.body.has("code_verifier") !== old);
    results.check(`${name}: authentication`,
        /^Basic /.test(headers.authorization || "") === secret);
    results.check(`${name}: cross-origin`,
        headers.origin === facts.origin);
}

async function standalone(browser, facts, app, results) {
    const name = `standalone, ${app}`;
    const page = await open(browser);
    const seen = listen(page, facts);
    await page.goto(`${facts.origin}/${app}/index.html`);
    const go = page.getByRole("button", { name: "Connect" });
    await go.waitFor();
    if (app === "public")
        await state(page, "app start", results);
    await go.click();
    await signIn(page, facts, "dr-lee");
    await choose(page, "Choose", /Ella/);
    await share(page);
    await drawn(page, name, "Ella", results);
    await asked(name, app, seen, facts, results);
    if (app === "public") {
        await state(page, "app child", results);
        for (const s of await page.locator("summary").all())
            await s.click();
        await state(page, "app child tables", results);
        await revoked(page, facts, results);
    }
    await close(page, name, results);
}

/* Taken back on our page: the app's next read fails, and it says so. */
async function revoked(page, facts, results) {
    const own = await page.context().newPage();
    await own.goto(`${facts.issuer}/apps`);
    await own.getByRole("button", { name: /Stop sharing/ }).first().click();
    await own.getByText("no access any more").first().waitFor();
    await own.close();
    await page.reload();
    const status = page.locator("#status.bad");
    await status.waitFor();
    results.check("revoked: " + await status.textContent(),
        /taken back/.test(await status.textContent()) &&
        await page.locator("svg").count() === 0);
    await state(page, "app revoked", results);
}

async function ehr(browser, facts, app, results) {
    const name = `EHR launch, ${app}`;
    const page = await open(browser);
    const seen = listen(page, facts);
    await page.goto(`${facts.issuer}/launch`);
    await signIn(page, facts, "dr-lee");
    await page.getByRole("link", { name: `Charts ${app}`, exact: true })
        .click();
    await choose(page, "Launch", /Ella/);
    await share(page);
    await drawn(page, name, "Ella", results);
    await asked(name, app, seen, facts, results);
    results.check(`${name}: no picker, the handle said who`,
        seen.authorize[0]?.get("launch")?.length > 20);
    await close(page, name, results);
}

/* A grown-up's record is drawn by date, two lines in one chart. */
async function adult(browser, facts, results) {
    const page = await open(browser, { timezoneId: "Pacific/Auckland" });
    await page.goto(`${facts.origin}/public/index.html`);
    await page.getByRole("button", { name: "Connect" }).click();
    await signIn(page, facts, "dr-lee");
    await choose(page, "Choose", /Bell/);
    await share(page);
    await page.locator("#pressure svg").waitFor();
    for (const m of ["m0", "m1"])
        results.check(`adult: marks ${m}`,
            await page.locator(`#pressure svg .${m}`).count() >= 3);
    results.check("adult: dates, no ages",
        /20\d\d/.test(await page.locator("#weight svg").textContent()));
    await state(page, "app adult", results);
    await close(page, "adult", results);
}

async function denied(browser, facts, results) {
    const page = await open(browser);
    await page.goto(`${facts.origin}/public/index.html`);
    await page.getByRole("button", { name: "Connect" }).click();
    await signIn(page, facts, "ella");
    await page.getByRole("button", { name: "Do not share" }).click();
    const status = page.locator("#status.bad");
    await status.waitFor();
    results.check("denied: " + await status.textContent(),
        /Nothing was shared/.test(await status.textContent()));
    await state(page, "app denied", results);
    await close(page, "denied", results);
}

/* Observations unticked: the app says what it lacks. */
async function unticked(browser, facts, results) {
    const page = await open(browser);
    await page.goto(`${facts.origin}/public/index.html`);
    await page.getByRole("button", { name: "Connect" }).click();
    await signIn(page, facts, "ella");
    for (const box of await page.locator("input[name=group]").all())
        if (!/patient|demographic|person/i.test(await box.inputValue()))
            await box.uncheck();
    await share(page);
    const status = page.locator("#status.bad");
    await status.waitFor();
    results.check("unticked: " + await status.textContent(),
        /not given/.test(await status.textContent()));
    await close(page, "unticked", results);
}

/* A link that names another server leads nowhere. */
async function strangers(browser, facts, results) {
    const page = await open(browser);
    const asked = [];
    page.on("request", r => asked.push(new URL(r.url()).origin));
    for (const query of ["", "?launch=x", `?iss=${facts.base}`,
        "?launch=x&iss=http://127.0.0.1:9/fhir"]) {
        await page.goto(`${facts.origin}/public/launch.html${query}`);
        await page.locator("#status.bad").waitFor();
    }
    results.check("an unknown iss is not followed",
        asked.every(o => o === facts.origin));
    await state(page, "app unknown server", results);
    await close(page, "strangers", results);
}

export async function launches(browser, facts, results) {
    const parts = [adult, denied, unticked, strangers];
    for (const app of facts.apps)
        parts.push(...[standalone, ehr].map(f => {
            const run = (b, x, r) => f(b, x, app, r);
            return Object.defineProperty(run, "name",
                { value: `${f.name} ${app}` });
        }));
    for (const part of parts)
        await part(browser, facts, results).catch(
            e => results.check(`${part.name}: ${e.message}`, false));
}
