// SPDX-License-Identifier: Apache-2.0
/* The sample app's reading of a record, odd records first of all. */
const DAY = "2024-02-29T10:00:00Z";

function observation(code, value, more = {}) {
    return { resourceType: "Observation", status: "final",
        effectiveDateTime: DAY,
        code: { coding: [{ system: "http://loinc.org", code }] },
        valueQuantity: value, ...more };
}

const kg = value => ({ value, unit: "kg", code: "kg" });

export async function measure(browser, facts, results) {
    const at = `${facts.source}/examples/app`;
    const { age, months, name, series, withGrowth } =
        await import(`${at}/measure.js`);
    const { range, ticks } = await import(`${at}/plot.js`);
    const check = (what, held) => results.check(`measure: ${what}`, held);
    const one = (...o) => series(o)[0];
    const values = (...o) =>
        one(...o)?.lines[0].points.map(p => Number(p.value.toFixed(2)));
    const same = (what, a, b) => check(`${what}: ${JSON.stringify(a)}`,
        JSON.stringify(a) === JSON.stringify(b));

    same("kilograms", values(observation("29463-7", kg(81.5))), [81.5]);
    same("pounds", values(observation("29463-7",
        { value: 100, code: "[lb_av]" })), [45.36]);
    same("Fahrenheit", values(observation("8310-5",
        { value: 98.6, code: "[degF]" })), [37]);
    const stones = one(observation("29463-7", { value: 13, unit: "st" }));
    check("an unknown unit is counted, not drawn", stones.foreign === 1 &&
        stones.lines[0].points.length === 0);
    same("said twice", values(observation("29463-7", kg(3)),
        observation("29463-7", kg(3))), [3]);
    same("in order of time", values(
        observation("29463-7", kg(5), { effectiveDateTime: "2024-03" }),
        observation("29463-7", kg(4))), [4, 5]);
    same("a period", values(observation("29463-7", kg(4),
        { effectiveDateTime: undefined, effectivePeriod: { start: DAY } })),
    [4]);
    for (const [what, odd] of Object.entries({
        "made in error": { status: "entered-in-error" },
        "no date": { effectiveDateTime: undefined },
        "no such date": { effectiveDateTime: "yesterday" },
        "no value": { valueQuantity: undefined },
        "text for a value": { valueQuantity: { value: "4", unit: "kg" } },
        "no code": { code: undefined },
        "another system": { code: { coding: [{ code: "29463-7" }] } },
    }))
        check(what, series([observation("29463-7", kg(4), odd)])
            .length === 0);
    const half = one(observation("55284-4", undefined, { component: [
        observation("8480-6", { value: 120, unit: "mmHg" }),
        observation("8462-4", undefined)] }));
    same("half a blood pressure", half.lines.map(l => l.points.length),
        [1, 0]);

    const grown = (...days) => withGrowth(series(days.map(([day, v]) =>
        observation("29463-7", kg(v), { effectiveDateTime: day }))));
    const gain = grown(["2020-01-01", 3], ["2020-01-20", 4],
        ["2021-01-01", 10], ["2022-01-01", 12]);
    same("gained in a year", gain[1].lines[0].points.map(
        p => [p.at.toISOString().slice(0, 7), p.value.toFixed(1)]),
    [["2020-07", "7.0"], ["2020-07", "6.3"], ["2021-07", "2.0"]]);
    same("and its words", [gain[0].id, gain[1].id, gain[1].unit],
        ["weight", "weight-gain", "kg per year"]);
    check("two values near each other tell of no growth",
        grown(["2020-01-01", 3], ["2020-02-01", 4]).length === 1);
    check("nor does a temperature", withGrowth(series([
        observation("8310-5", { value: 37, code: "Cel" }),
        observation("8310-5", { value: 38, code: "Cel" },
            { effectiveDateTime: "2025-01-01" })])).length === 1);

    same("ticks", ticks(3.2, 23.9, 5), [0, 5, 10, 15, 20, 25]);
    same("ticks of tenths", ticks(0.1, 0.3, 4), [0.1, 0.15, 0.2, 0.25, 0.3]);
    same("ticks of one value", ticks(...range([178, 178], 20), 5),
        [165, 170, 175, 180, 185, 190]);
    const born = new Date("2020-02-29");
    same("months", months(born, new Date("2021-02-28")), 11);
    same("age of a baby", age(born, new Date("2020-03-29")), "1 month");
    same("age", age(born, new Date("2030-03-01")), "10 years");
    same("name", name({ name: [{ use: "old", family: ["X"] },
        { given: ["Ana"], family: ["de", "Souza"] }] }), "Ana de Souza");
    same("no name", name({}), "No name");
}
