// SPDX-License-Identifier: Apache-2.0
/* Every page of tiphys-auth in every state a person can meet it in. */
import { createHmac } from "node:crypto";
import { choose, share, signIn } from "./launches.mjs";
import { close, open, state } from "./states.mjs";

/* RFC 7636 B */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const press = (page, name) => page.getByRole("button", { name }).click();

/* RFC 6238 of a base32 secret, now. */
function totp(secret) {
    const bits = [...secret.replace(/=+$/, "")].map(c =>
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2)
            .padStart(5, "0")).join("");
    const key = Buffer.from(bits.match(/.{8}/g).map(b => parseInt(b, 2)));
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
    const mac = createHmac("sha1", key).update(step).digest();
    const at = mac[19] & 15;
    return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6)
        .padStart(6, "0");
}

/* An authorization request as an app makes it, with changes. */
function request(facts, change = {}) {
    const q = new URLSearchParams({
        response_type: "code", client_id: "public",
        redirect_uri: `${facts.origin}/public/chart.html`,
        scope: "launch/patient openid fhirUser offline_access " +
            "patient/*.read patient/Observation.write",
        state: "12345678", aud: facts.base,
        code_challenge: CHALLENGE,
        code_challenge_method: "S256", ...change });
    return `${facts.issuer}/authorize?${q}`;
}

async function signInPages(page, facts, see) {
    await page.goto(`${facts.issuer}/login?to=apps`);
    await see("sign in");
    await page.goto(request(facts));
    await see("sign in for an app");
    await page.getByLabel("User name").fill("dr-two");
    await page.getByLabel("Password").fill("wrong");
    await press(page, "Sign in");
    await see("sign in, wrong password", /There is a problem/);
    await page.getByRole("link", { name: /go back to the app/ }).click();
    await see("leave");
    await page.goto(request(facts));
    await signIn(page, facts, "dr-two");
    await see("second factor", /second factor/);
    await page.getByLabel("Code").fill("000000");
    await press(page, "Go on");
    await see("second factor, wrong code", /There is a problem/);
    await page.getByLabel("Code").fill(totp(facts.totp));
    await press(page, "Go on");
}

async function pickerPages(page, facts, see) {
    await see("picker", /Whose record/);
    await page.getByLabel("Name").fill("marsh");
    await press(page, "Search");
    await see("picker, found", /Ella/);
    await page.getByLabel("Name").fill("nobody of that name");
    await press(page, "Search");
    await see("picker, none", /No patient was found/);
    await page.getByLabel("Name").fill("");
    await page.getByLabel("Date of birth").fill("17.2.2008");
    await press(page, "Search");
    await see("picker, no date", /There is a problem/);
    await page.goto(request(facts));
    await choose(page, "Choose", /Marsh/);
}

async function consentPages(page, facts, see) {
    await see("consent", /Share this health record/);
    for (const s of await page.locator("summary").all())
        await s.click();
    await see("consent, all open");
    for (const box of await page.locator("input[name=group]").all())
        await box.uncheck();
    await page.locator("input[name=identity]").uncheck();
    await share(page);
    await see("consent, nothing ticked", /There is a problem/);
    await page.goto(request(facts));
    await choose(page, "Choose", /Marsh/);
    await page.getByLabel(/^Longer/).check();
    const back = page.waitForRequest(`${facts.origin}/public/chart.html?*`);
    await share(page);
    const url = new URL((await back).url());
    await redeem(facts, url.searchParams.get("code"));
}

/* An app that wants to know which visit it is about. */
async function visitPages(page, facts, see) {
    const visits = request(facts, { scope: "launch/patient " +
        "launch/encounter patient/*.read" });
    await page.goto(visits);
    await choose(page, "Choose", /Marsh/);
    await see("visits", /Which visit/);
    await press(page, "Choose someone else");
    await see("picker, again", /Whose record/);
    await choose(page, "Choose", /Bell/);
    await see("visits, another patient", /Which visit/);
    await press(page, "For no visit");
    await see("consent, no visit", /Visit: none/);
    await press(page, "Choose someone else");
    await choose(page, "Choose", /Marsh/);
    await page.getByRole("button", { name: /^Choose \d/ }).first().click();
    await see("consent, a visit", /Visit: \d/);
}

/* What the app would do, had it asked. */
async function redeem(facts, code) {
    const answer = await fetch(`${facts.issuer}/token`, { method: "POST",
        body: new URLSearchParams({ grant_type: "authorization_code", code,
            client_id: "public", code_verifier: VERIFIER,
            redirect_uri: `${facts.origin}/public/chart.html` }) });
    if (!answer.ok)
        throw new Error(`token: ${await answer.text()}`);
}

async function accountPages(page, facts, see) {
    await page.goto(`${facts.issuer}/apps`);
    await see("apps", /Charts public/);
    await press(page, /Stop sharing/);
    await see("apps, stopped", /no access any more/);
    await page.goto(`${facts.issuer}/sessions`);
    await see("sessions", /Another browser/);
    await page.goto(`${facts.issuer}/password`);
    await see("password");
    await page.getByLabel("Your password now").fill("wrong");
    await page.getByLabel("New password").fill("some forty green frogs");
    await press(page, "Change it");
    await see("password, wrong", /There is a problem/);
    await page.goto(`${facts.issuer}/launch`);
    await see("launch, apps", /Charts public/);
    await page.getByRole("link", { name: "Charts public", exact: true })
        .click();
    await see("launch, patients", /Marsh/);
    await page.getByLabel("Name").fill("nobody of that name");
    await press(page, "Search");
    await see("launch, none", /No patient was found/);
    await page.goto(`${facts.issuer}/logout`);
    await see("sign out");
    await press(page, "Sign out");
    await see("signed out", /signed out/);
}

/* A patient who has shared nothing yet. */
async function patientPages(page, facts, see) {
    await page.goto(`${facts.issuer}/login?to=apps`);
    await signIn(page, facts, "marcus");
    await see("apps, none", /No app has access/);
    await page.goto(request(facts));
    await see("consent of a patient", /Share this health record/);
    await page.goto(`${facts.issuer}/password`);
    await page.getByLabel("Your password now").fill(facts.password);
    await page.getByLabel("New password").fill("some forty green frogs");
    await press(page, "Change it");
    await see("password, changed", /is changed/);
}

async function errorPages(page, facts, see) {
    const bad = { "unknown app": { client_id: "nobody" },
        "unknown address": { redirect_uri: "http://127.0.0.1:9/" } };
    for (const [name, change] of Object.entries(bad)) {
        await page.goto(request(facts, change));
        await see(`error, ${name}`, /made a mistake/);
    }
    await page.goto(`${facts.issuer}/nothing`);
    await see("error, no such page", /nothing at this address/);
    await page.goto(`${facts.issuer}/flow?id=AAAAAAAAAAAAAAAAAAAAAA`);
    await see("error, no such flow");
    await page.goto(`${facts.issuer}/consent`);
    await see("error, wrong method", /cannot be opened like that/);
    await page.goto(`${facts.issuer}/login`);
    await page.locator("input[name=csrf]").evaluate(e => e.value = "x");
    await signIn(page, facts, "ella");
    await see("error, foreign form", /This form cannot be used/);
    await page.goto(`${facts.issuer}/login`);
    for (let i = 0; i < 7; i++) {
        const answer = page.waitForResponse(`${facts.issuer}/login`);
        await signIn(page, facts, "nobody.here");
        await answer;
        await page.waitForLoadState();
    }
    await see("sign in, throttled", /Please wait/);
}

/** Each part in a window of its own; what see() names is scanned. */
export async function pages(browser, facts, results) {
    const other = await open(browser);      // a second session of dr-two's
    const parts = { staff: [signInPages, pickerPages, consentPages,
        visitPages, accountPages], patient: [patientPages], errors: [errorPages] };
    for (const [name, steps] of Object.entries(parts)) {
        const page = await open(browser);
        const see = async (what, words = /./) => {
            await page.waitForLoadState();
            const text = await page.locator("body").textContent();
            results.check(`${what}: not what was meant: ${text}`,
                words.test(text));
            await state(page, what, results);
        };
        for (const step of steps) {
            if (step === accountPages)
                await twoSessions(other, facts);
            await step(page, facts, see).catch(e => results.check(
                `${step.name}: ${e.message}`, false));
        }
        await close(page, name, results);
    }
    await close(other, "other", results);
}

async function twoSessions(page, facts) {
    // The code of this half minute is used up.
    await page.goto(`${facts.issuer}/login?to=apps`);
    await signIn(page, facts, "dr-two");
    await page.getByLabel("Code").fill(facts.recovery);
    await press(page, "Go on");
}
