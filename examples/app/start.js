// SPDX-License-Identifier: Apache-2.0
/* The standalone launch: a button. */
import { authorize, run, say, settings } from "./settings.js";

run(async () => {
    const s = await settings();
    const go = document.getElementById("go");
    go.hidden = false;
    go.querySelector("button").addEventListener("click", () => run(() => {
        say("Connecting …");
        return authorize(s, "launch/patient");
    }));
});
