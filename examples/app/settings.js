// SPDX-License-Identifier: Apache-2.0
/*
 * What the app was installed with, and what each of its pages needs.
 *
 * settings.json holds options of fhirclient's authorize(): "iss", the one
 * server this app talks to, and "clientId".
 */

const SCOPE = "patient/Patient.read patient/Observation.read";

/** The settings; iss as a whole URL, without a slash at its end. */
export async function settings() {
    const answer = await fetch("settings.json");
    if (!answer.ok)
        throw new Error(`settings.json: ${answer.status}`);
    const s = await answer.json();
    s.iss = plain(new URL(s.iss, location.href).href);
    return s;
}

/** One spelling of a base URL. */
export function plain(url) {
    return url.replace(/\/+$/, "");
}

/** Off to the authorization server; it sends the browser to chart.html. */
export async function authorize(s, context) {
    await FHIR.oauth2.authorize({
        ...s,
        scope: `${context} ${SCOPE}`,
        redirectUri: new URL("chart.html", location.href).href,
    });
}

/** Says how things stand, to the eye and to a screen reader. */
export function say(text, bad = false) {
    const p = document.getElementById("status");
    p.textContent = text;
    p.className = bad ? "bad" : "";
}

/** Runs a page; whatever goes wrong is said on it. */
export async function run(page) {
    try {
        await page();
    } catch (e) {
        console.warn(e.message);
        say(words(e), true);
    }
}

function words(e) {
    const again = " Go back to the start and connect again.";
    if (/access_denied/.test(e.message))
        return "Nothing was shared with this app." + again;
    if (e.status === 401 || /expired/i.test(e.message))
        return "The access is over, or was taken back." + again;
    if (e.status === 403)
        return "This app was not given what it needs: " +
            "the measurements of the record." + again;
    return `This did not work: ${e.message}`;
}
