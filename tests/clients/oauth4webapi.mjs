// SPDX-License-Identifier: Apache-2.0
/*
 * oauth4webapi: each step by itself, none forgiven.  Here also PAR, DPoP at
 * both ends, and a backend service.
 */
import * as oauth from "oauth4webapi";
import { webcrypto } from "node:crypto";

const REDIRECT = "http://127.0.0.1:1/cb";
const loopback = { [oauth.allowInsecureRequests]: true };
const SCOPE = "openid fhirUser launch/patient offline_access patient/*.read";

async function discover(facts) {
    const issuer = new URL(facts.issuer);
    return oauth.processDiscoveryResponse(issuer,
        await oauth.discoveryRequest(issuer, loopback));
}

async function request(facts, client, verifier, state, nonce) {
    return new URLSearchParams({ client_id: client.client_id,
        redirect_uri: REDIRECT, response_type: "code", scope: SCOPE, state,
        nonce, aud: facts.base, code_challenge_method: "S256",
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier) });
}

/* PAR where asked for, then the code and its exchange; a proof, if DPoP. */
async function tokens(as, client, auth, facts, approve, { par, proof }) {
    const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(),
        oauth.generateRandomState(), oauth.generateRandomNonce()];
    let query = await request(facts, client, verifier, state, nonce);
    const options = { ...loopback, ...proof };
    if (par) {
        const pushed = await oauth.processPushedAuthorizationResponse(as,
            client, await oauth.pushedAuthorizationRequest(as, client, auth,
                query, options));
        query = new URLSearchParams({ client_id: client.client_id,
            request_uri: pushed.request_uri });
    }
    const back = await approve(`${as.authorization_endpoint}?${query}`);
    // compares state, and iss, which our metadata promise
    const params = oauth.validateAuthResponse(as, client, new URL(back),
        state);
    return oauth.processAuthorizationCodeResponse(as, client,
        await oauth.authorizationCodeGrantRequest(as, client, auth, params,
            REDIRECT, verifier, options),
        { expectedNonce: nonce, requireIdToken: true });
}

async function read(facts, token, proof) {
    const answer = await oauth.protectedResourceRequest(token, "GET",
        new URL(`${facts.base}/Patient/ella`), undefined, undefined,
        { ...loopback, ...proof });
    return answer.json();
}

async function whole(as, client, auth, facts, approve, how, check) {
    const name = Object.keys(how).join(" with ") || client.client_id;
    const set = await tokens(as, client, auth, facts, approve, how);
    const claims = oauth.getValidatedIdTokenClaims(set);
    check(`${name}: id_token`,
        claims.fhirUser === `${facts.base}/Practitioner/dr-lee`);
    check(`${name}: type`,
        set.token_type === (how.proof ? "dpop" : "bearer"));
    check(`${name}: read`,
        (await read(facts, set.access_token, how.proof)).id === "ella");
    const fresh = await oauth.processRefreshTokenResponse(as, client,
        await oauth.refreshTokenGrantRequest(as, client, auth,
            set.refresh_token, { ...loopback, ...how.proof }));
    check(`${name}: read after refresh`,
        (await read(facts, fresh.access_token, how.proof)).id === "ella");
    if (how.proof)
        await read(facts, fresh.access_token).then(
            () => check(`${name}: without proof`, false),
            e => check(`${name}: without proof`,
                e instanceof oauth.WWWAuthenticateChallengeError &&
                e.status === 401));
    return set;
}

/* SMART Backend Services: a key, no person. */
async function backend(as, facts, check) {
    const client = { client_id: "c-service" };
    const jwk = facts.keys.find(k => k.alg === "ES384");
    const key = await webcrypto.subtle.importKey("jwk", jwk,
        { name: "ECDSA", namedCurve: "P-384" }, false, ["sign"]);
    const got = await oauth.processClientCredentialsResponse(as, client,
        await oauth.clientCredentialsGrantRequest(as, client,
            oauth.PrivateKeyJwt({ key, kid: jwk.kid }),
            new URLSearchParams({ scope: "system/Patient.read" }),
            loopback));
    check("service: five minutes", got.expires_in <= 300);
    check("service: no refresh", got.refresh_token === undefined);
    check("service: read",
        (await read(facts, got.access_token)).id === "ella");
}

export async function oauth4webapi(facts, approve, check) {
    const as = await discover(facts);
    const open = [{ client_id: "c-public" }, oauth.None()];
    const closed = [{ client_id: "c-secret" },
        oauth.ClientSecretBasic(facts.secret)];
    await whole(as, ...open, facts, approve, {}, check);
    await whole(as, ...closed, facts, approve, {}, check);
    await whole(as, ...closed, facts, approve, { par: true }, check);
    const pair = await oauth.generateKeyPair("ES256");
    await whole(as, ...open, facts, approve,
        { proof: { DPoP: oauth.DPoP(open[0], pair) } }, check);
    await backend(as, facts, check);
}
