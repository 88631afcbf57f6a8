// SPDX-License-Identifier: Apache-2.0
/* fhirclient on a server of its own: session, two routes. */
import { createRequire } from "node:module";
import { createServer } from "node:http";

const smart = createRequire(import.meta.url)("fhirclient");

/* One user's session, as fhirclient wants it. */
function session() {
    const kept = new Map();
    return { get: async k => kept.get(k),
        set: async (k, v) => (kept.set(k, v), v),
        unset: async k => kept.delete(k) };
}

/** Answers requests with act; url and stop. */
async function serve(act) {
    const server = createServer((req, res) => act(req, res).catch(e => {
        res.statusCode = 500;
        res.end(String(e.stack));
    }));
    await new Promise(done => server.listen(0, "127.0.0.1", done));
    return { url: `http://127.0.0.1:${server.address().port}`,
        stop: () => server.close() };
}

async function launch(options, approve) {
    const storage = session();
    let client;
    const server = await serve(async (req, res) => {
        const api = smart(req, res, storage);
        if (req.url.startsWith("/launch"))
            return api.authorize({ ...options,
                redirectUri: `${server.url}/cb` });
        client = await api.ready();
        res.end("ready");
    });
    try {
        const go = await fetch(`${server.url}/launch`,
            { redirect: "manual" });
        const back = await approve(go.headers.get("location"));
        const text = await (await fetch(back)).text();
        if (text !== "ready")
            throw new Error(text);
        return { client, asked: new URL(go.headers.get("location")) };
    } finally {
        server.stop();
    }
}

export async function fhirclient(facts, approve, check) {
    for (const [id, clientSecret] of [["c-public", undefined],
        ["c-secret", facts.secret]]) {
        const { client, asked } = await launch({ iss: facts.base,
            clientId: id, clientSecret, scope: "launch/patient openid " +
            "fhirUser offline_access patient/*.read" }, approve);
        check(`${id}: PKCE`, asked.searchParams.get(
            "code_challenge_method") === "S256");
        check(`${id}: patient`, client.patient.id === "ella");
        check(`${id}: who`,
            /Practitioner\/dr-lee$/.test(client.user.fhirUser));
        const patient = await client.patient.read();
        check(`${id}: read`, patient.id === "ella");
        const all = await client.request(
            "Observation?patient=ella&_count=5",
            { pageLimit: 0, flat: true });
        check(`${id}: ${all.length} over pages`, all.length > 20);
        check(`${id}: release`, await client.getFhirRelease() === 2);
        const before = client.state.tokenResponse;
        await client.refresh();
        const after = client.state.tokenResponse;
        check(`${id}: refresh`,
            after.access_token !== before.access_token);
        check(`${id}: rotated`, after.refresh_token &&
            after.refresh_token !== before.refresh_token);
        check(`${id}: read again`,
            (await client.patient.read()).id === "ella");
    }
}
