// SPDX-License-Identifier: Apache-2.0
/*
 * The EHR launch: the EHR opens this page with "iss" and "launch".
 *
 * Only the server of the settings may launch the app.  An app that follows
 * any iss can be sent, by a link, to a server that asks its user to sign in.
 */
import { authorize, plain, run, say, settings } from "./settings.js";

run(async () => {
    const s = await settings();
    const query = new URLSearchParams(location.search);
    if (!query.get("iss") || !query.get("launch")) {
        say("An EHR opens this page, with iss and launch. To use the app " +
            "by itself, open its start page.", true);
        return;
    }
    if (plain(query.get("iss")) !== s.iss) {
        say("This app does not know the server that opened it.", true);
        return;
    }
    say("Connecting …");
    await authorize(s, "launch");
});
