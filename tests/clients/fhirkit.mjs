// SPDX-License-Identifier: Apache-2.0
/* fhir-kit-client: discovery both ways and FHIR; the exchange is plain. */
import { createRequire } from "node:module";
import { createHash, randomBytes } from "node:crypto";

const Client = createRequire(import.meta.url)("fhir-kit-client");

async function token(url, pairs) {
    const answer = await fetch(url, { method: "POST",
        body: new URLSearchParams(pairs) });
    if (!answer.ok)
        throw new Error(await answer.text());
    return answer.json();
}

export async function fhirKit(facts, approve, check) {
    const client = new Client({ baseUrl: facts.base });
    const at = await client.smartAuthMetadata();
    check("authorize", String(at.authorizeUrl) ===
        `${facts.issuer}/authorize`);
    check("token", String(at.tokenUrl) === `${facts.issuer}/token`);
    const conformance = await client.capabilityStatement();
    check("version", conformance.fhirVersion === "1.0.2");

    const verifier = randomBytes(32).toString("base64url");
    const redirect = "http://127.0.0.1:1/cb";
    const url = new URL(at.authorizeUrl);
    url.search = new URLSearchParams({ response_type: "code",
        client_id: "c-public", redirect_uri: redirect, state: "a state",
        scope: "launch/patient offline_access patient/*.read",
        aud: facts.base, code_challenge_method: "S256",
        code_challenge: createHash("sha256").update(verifier)
            .digest("base64url") });
    const back = new URL(await approve(url));
    check("state", back.searchParams.get("state") === "a state");
    const got = await token(at.tokenUrl, { grant_type: "authorization_code",
        code: back.searchParams.get("code"), redirect_uri: redirect,
        client_id: "c-public", code_verifier: verifier });

    client.bearerToken = got.access_token;
    const patient = await client.read(
        { resourceType: "Patient", id: got.patient });
    check("read", patient.id === "ella");
    const page = await client.search({ resourceType: "Observation",
        searchParams: { patient: "ella", _count: 5 } });
    check("search", page.entry.length === 5);
    const next = await client.nextPage({ bundle: page });
    check("next page", next.entry.length === 5 &&
        next.entry[0].resource.id !== page.entry[0].resource.id);
    const compartment = await client.search({ resourceType: "Observation",
        compartment: { resourceType: "Patient", id: "ella" } });
    check("compartment", compartment.total > 20);
    const posted = await client.search({ resourceType: "Observation",
        searchParams: { patient: "ella", "_sort:desc": "date", _count: 3,
            date: ["ge2000", "lt2100"] }, options: { postSearch: true } });
    check("POST _search", posted.entry.length === 3 &&
        decodeURIComponent(posted.link[0].url).includes("_sort:desc=date"));
    const back1 = await client.prevPage({ bundle: next });
    check("previous page", back1.entry[0].resource.id ===
        page.entry[0].resource.id);
    const system = await client.systemSearch(
        { searchParams: { _id: "ella" } });
    check("system search", system.entry.some(
        e => e.resource.resourceType === "Patient"));
    await client.read({ resourceType: "Patient", id: "marcus" }).then(
        () => check("another patient", false),
        e => check("another patient", e.response.status === 404));

    const fresh = await token(at.tokenUrl, { grant_type: "refresh_token",
        refresh_token: got.refresh_token });    // interop 1: no client_id
    client.bearerToken = fresh.access_token;
    check("read with the new token", (await client.read(
        { resourceType: "Patient", id: "ella" })).id === "ella");
}
