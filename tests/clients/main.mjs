// SPDX-License-Identifier: Apache-2.0
/*
 * main.mjs FACTS -- clients of others against the server.
 *
 * FACTS is JSON that tests/suites/clients writes.  Its "person" is a URL: it
 * signs in and shares, by forms, and answers with where the app is sent.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { fhirclient } from "./fhirclient.mjs";
import { fhirJs } from "./fhirjs.mjs";
import { fhirKit } from "./fhirkit.mjs";
import { oauth4webapi } from "./oauth4webapi.mjs";
import { openid } from "./openid.mjs";

globalThis.crypto ??= webcrypto;        // Node 18
const facts = JSON.parse(readFileSync(process.argv[2], "utf-8"));
let passed = 0, failed = 0;

/* Results of one library, under its name. */
function checker(name) {
    return (what, held) => {
        if (held)
            passed++;
        else {
            failed++;
            console.log(`FAIL ${name}: ${what}`);
        }
        return held;
    };
}

/** From an authorization URL to the URL the app is called back at. */
async function approve(url, user = "dr-lee") {
    const q = new URLSearchParams({ url, user, patient: "ella" });
    const answer = await fetch(`${facts.person}/?${q}`);
    const text = await answer.text();
    if (!answer.ok)
        throw new Error(text);
    return text;
}

for (const client of [fhirclient, fhirJs, fhirKit, openid, oauth4webapi])
    await client(facts, approve, checker(client.name)).catch(
        e => checker(client.name)(e.stack + (e.cause ?
            " because " + JSON.stringify(e.cause.body ?? e.cause) : ""),
        false));
writeFileSync(facts.counts, JSON.stringify({ passed, failed }));
process.exit(0);        // agents of the libraries keep sockets open
