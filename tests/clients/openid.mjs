// SPDX-License-Identifier: Apache-2.0
/*
 * openid-client: OpenID Connect by the letter.  It checks iss, state, nonce,
 * and the id_token's signature (RS256 by our JWKS), audience and times.
 */
import { createRequire } from "node:module";

const { Issuer, generators } =
    createRequire(import.meta.url)("openid-client");
const REDIRECT = "http://127.0.0.1:1/cb";

/* Its assertions name two audiences, issuer and token endpoint; we take one
 * alone (auth/assertion.c), as rfc7523bis wants it. */
const oneAudience = client => ({ clientAssertionPayload:
    { aud: client.issuer.token_endpoint } });

async function whole(client, name, facts, approve, check) {
    const nonce = generators.nonce(), state = generators.state();
    const code_verifier = generators.codeVerifier();
    const url = client.authorizationUrl({ nonce, state, aud: facts.base,
        scope: "openid fhirUser launch/patient offline_access " +
            "patient/*.read",
        code_challenge: generators.codeChallenge(code_verifier),
        code_challenge_method: "S256" });
    const params = client.callbackParams(await approve(url));
    const set = await client.callback(REDIRECT, params,
        { nonce, state, code_verifier }, oneAudience(client));
    check(`${name}: subject`, set.claims().sub.length > 0);
    check(`${name}: fhirUser and profile`,
        set.claims().fhirUser === `${facts.base}/Practitioner/dr-lee` &&
        set.claims().profile === set.claims().fhirUser);
    const who = await client.userinfo(set);     // compares sub
    check(`${name}: userinfo`, who.fhirUser === set.claims().fhirUser);
    const read = await client.requestResource(
        `${facts.base}/Patient/${set.patient}`, set);
    check(`${name}: read`, JSON.parse(read.body).id === "ella");
    // compares sub, where an id_token comes along
    const fresh = await client.refresh(set, oneAudience(client));
    check(`${name}: refresh`, fresh.access_token !== set.access_token);
    await client.callback(REDIRECT, params, { nonce, state, code_verifier },
        oneAudience(client)).then(() => check(`${name}: a code twice`, false),
        e => check(`${name}: a code twice`, e.error === "invalid_grant"));
}

/* RFC 7009 and 7662, from the next request on. */
async function revoke(client, name, facts, approve, check) {
    const nonce = generators.nonce(), state = generators.state();
    const code_verifier = generators.codeVerifier();
    const url = client.authorizationUrl({ nonce, state, aud: facts.base,
        scope: "openid launch/patient offline_access patient/*.read",
        code_challenge: generators.codeChallenge(code_verifier),
        code_challenge_method: "S256" });
    const set = await client.callback(REDIRECT,
        client.callbackParams(await approve(url)),
        { nonce, state, code_verifier });
    const live = await client.introspect(set.access_token);
    check(`${name}: introspection`, live.active && live.patient === "ella");
    await client.revoke(set.refresh_token);
    check(`${name}: revoked`,
        (await client.introspect(set.access_token)).active === false);
    const read = await client.requestResource(
        `${facts.base}/Patient/ella`, set);
    check(`${name}: no read any more`, read.statusCode === 401);
}

export async function openid(facts, approve, check) {
    const issuer = await Issuer.discover(facts.issuer);
    check("issuer", issuer.issuer === facts.issuer);
    const common = { redirect_uris: [REDIRECT], response_types: ["code"] };
    const kinds = {
        "c-public": { token_endpoint_auth_method: "none" },
        "c-secret": { client_secret: facts.secret,
            token_endpoint_auth_method: "client_secret_basic" },
        "c-secret by form": { client_secret: facts.secret,
            token_endpoint_auth_method: "client_secret_post" },
    };
    for (const alg of ["RS384", "ES384"])
        kinds[`c-keys by ${alg}`] = {
            token_endpoint_auth_method: "private_key_jwt",
            token_endpoint_auth_signing_alg: alg };
    for (const [name, more] of Object.entries(kinds)) {
        const client = new issuer.Client(
            { client_id: name.split(" ")[0], ...common, ...more },
            { keys: facts.keys });
        await whole(client, name, facts, approve, check).catch(
            e => check(`${name}: ${e.stack}`, false));
        if (name === "c-secret")
            await revoke(client, name, facts, approve, check);
    }
}
