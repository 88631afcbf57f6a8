// SPDX-License-Identifier: Apache-2.0
/*
 * fhir.js: searches as it writes them ("$lt", "$or", "$sort", chains as nested
 * objects, values joined by an escaped comma), pages, history, references.
 */
import { createRequire } from "node:module";

const mkFhir = createRequire(import.meta.url)("fhir.js");

const CATEGORY = "http://hl7.org/fhir/observation-category";

function ids(answer) {
    return (answer.data.entry ?? []).filter(e => e.search.mode === "match")
        .map(e => e.resource.id);
}

export async function fhirJs(facts, approve, check) {
    const client = mkFhir({ baseUrl: facts.base,
        auth: { bearer: facts.token } });
    const search = (type, query) => client.search({ type, query });
    const total = async (type, query) =>
        (await search(type, query)).data.total;

    check("conformance", (await client.conformance({})).data.fhirVersion ===
        "1.0.2");
    check("read", (await client.read({ type: "Patient", id: "ella" }))
        .data.id === "ella");
    const all = await total("Observation", { patient: "ella" });
    check("patient", all > 20);

    // $lt and $ge part what there is; $and joins, $or widens
    const before = await total("Observation", { patient: "ella",
        date: { $lt: "2024-01-01" } });
    const after = await total("Observation", { patient: "ella",
        date: { $ge: "2024-01-01" } });
    check("$lt and $ge", before > 0 && after > 0 && before + after === all);
    check("$and", await total("Observation", { patient: "ella", date:
        { $and: [{ $lt: "2024-01-01" }, { $ge: "2024-01-01" }] } }) === 0);
    const both = ["vital-signs", "laboratory"];
    const each = await Promise.all(both.map(c => total("Observation",
        { category: [CATEGORY, c] })));
    check("system|code", each.every(n => n > 0));
    check("$or", await total("Observation", { category:
        { $or: both.map(c => `${CATEGORY}|${c}`) } }) === each[0] + each[1]);

    // what DSTU2 does not know is refused, not passed over
    for (const [name, query] of [["$lte", { date: { $lte: "2024" } }],
        ["misspelt", { patinet: "ella" }]])
        await search("Observation", query).then(
            () => check(name + " is refused", false),
            e => check(name + " is refused", e.status === 400 &&
                e.data.resourceType === "OperationOutcome"));

    check("$exact", await total("Patient", { given: { $exact: "Ella" } }) >=
        1 && await total("Patient", { given: { $exact: "ella" } }) === 0);
    check("$missing", await total("Observation", { patient: "ella",
        subject: { $missing: false } }) === all);
    check("chain", await total("Observation", { subject: { $type: "Patient",
        _id: "ella" } }) === all);
    check("chain by name", await total("Observation",
        { subject: { $type: "Patient", given: { $exact: "Ella" } } }) >= all);

    const down = await search("Observation", { patient: "ella", _count: 10,
        $sort: [["date", "desc"]], $include: { Observation: "subject" } });
    check("$include", down.data.entry.some(e => e.search.mode === "include" &&
        e.resource.id === "ella"));
    const dates = down.data.entry.filter(e => e.search.mode === "match").map(
        e => e.resource.effectiveDateTime ??
            e.resource.effectivePeriod.start);
    check("$sort", dates.length === 10 && dates.every((d, i) => i === 0 ||
        Date.parse(d) <= Date.parse(dates[i - 1])));
    check("$has", (await search("Patient",
        { $has: { "Observation:patient:date": "ge2000" } })).data.total >= 1);

    // pages there and back, by their links
    const first = await search("Observation", { patient: "ella",
        _count: 7 });
    const second = await client.nextPage({ bundle: first.data });
    check("next page", ids(second).length === 7 &&
        !ids(second).some(i => ids(first).includes(i)));
    const again = await client.prevPage({ bundle: second.data });
    check("previous page", String(ids(again)) === String(ids(first)));

    const one = ids(first)[0];
    check("history", (await client.resourceHistory(
        { type: "Observation", id: one })).data.total === 1);
    check("version", (await client.vread({ type: "Observation", id: one,
        versionId: "1" })).data.id === one);
}
