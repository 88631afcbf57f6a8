// SPDX-License-Identifier: Apache-2.0
/*
 * From Observations to series of points.  Pure: no page, no network.
 *
 * A value counts in the unit of its kind or in one that is converted; in any
 * other it is left out and counted, never drawn on a wrong scale.
 */

const LOINC = "http://loinc.org";
const LENGTH = { cm: 1, m: 100, mm: 0.1, "[in_i]": 2.54, in: 2.54 };
const MASS = { kg: 1, g: 0.001, "[lb_av]": 0.45359237, lb: 0.45359237 };
const RATE = { "/min": 1, "{beats}/min": 1, "{breaths}/min": 1,
    "beats/minute": 1, "breaths/minute": 1, bpm: 1 };
const PRESSURE = { "mm[Hg]": 1, mmHg: 1 };
const HEAT = { Cel: 1, C: 1, "°C": 1,
    "[degF]": f => (f - 32) / 1.8, F: f => (f - 32) / 1.8 };

/* span: what the y axis shows at least, so that noise looks like noise. */
const one = (id, title, group, unit, digits, span, units, ...codes) =>
    ({ id, title, group, unit, digits, span, units,
        lines: [{ name: title, codes }] });

export const KINDS = [
    one("height", "Height", "body", "cm", 1, 20, LENGTH,
        "8302-2", "8306-3", "8308-9"),
    one("weight", "Weight", "body", "kg", 1, 5, MASS,
        "29463-7", "3141-9", "3142-7"),
    one("head", "Head circumference", "body", "cm", 1, 5, LENGTH,
        "8287-5", "9843-4"),
    one("bmi", "Body mass index", "body", "kg/m²", 1, 4,
        { "kg/m2": 1, "kg/m²": 1 }, "39156-5"),
    { id: "pressure", title: "Blood pressure", group: "vital",
        unit: "mmHg", digits: 0, span: 40, units: PRESSURE, lines: [
            { name: "Systolic", codes: ["8480-6"] },
            { name: "Diastolic", codes: ["8462-4"] }] },
    one("heart", "Heart rate", "vital", "per minute", 0, 20, RATE,
        "8867-4"),
    one("breath", "Respiratory rate", "vital", "per minute", 0, 10, RATE,
        "9279-1"),
    one("heat", "Temperature", "vital", "°C", 1, 2, HEAT,
        "8310-5", "8331-1"),
    one("oxygen", "Oxygen saturation", "vital", "%", 0, 10,
        { "%": 1 },
        "59408-5", "2708-6"),
];

/** When it was so; null where nobody says. */
function when(o) {
    const text = o.effectiveDateTime || o.effectivePeriod?.start || o.issued;
    const t = Date.parse(text);
    return Number.isNaN(t) ? null : new Date(t);
}

/** The value in the kind's unit; undefined: none; null: another unit. */
function value(kind, q) {
    if (typeof q?.value !== "number")
        return undefined;
    const by = kind.units[q.code] ?? kind.units[q.unit];
    if (by === undefined)
        return null;
    return typeof by === "function" ? by(q.value) : q.value * by;
}

/* An Observation and its components are each a code with a value. */
function parts(o) {
    return [o, ...(o.component || [])];
}

function has(codes, concept) {
    return (concept?.coding || []).some(
        c => c.system === LOINC && codes.includes(c.code));
}

function points(kind, line, observations) {
    const found = new Map();
    let foreign = 0;
    for (const o of observations) {
        const at = when(o);
        if (!at || o.status === "entered-in-error" ||
            o.status === "cancelled")
            continue;
        for (const p of parts(o).filter(p => has(line.codes, p.code))) {
            const v = value(kind, p.valueQuantity);
            if (v === null)
                foreign++;
            else if (v !== undefined)   // the same said twice counts once
                found.set(`${+at} ${v}`, { at, value: v });
        }
    }
    return { foreign,
        points: [...found.values()].sort((a, b) => a.at - b.at) };
}

/** Kinds that have values, each with lines[].points and foreign. */
export function series(observations) {
    return KINDS.map(kind => {
        const lines = kind.lines.map(
            line => ({ ...line, ...points(kind, line, observations) }));
        return { ...kind, lines,
            foreign: lines.reduce((n, l) => n + l.foreign, 0) };
    }).filter(k => k.foreign || k.lines.some(l => l.points.length));
}

const YEAR_MS = 365.25 * 86400e3;
const APART_MS = 90 * 86400e3;  // nearer ones tell of the scales, not of growth

/* From each value to the next that is long enough after it. */
function rates(points) {
    return points.flatMap((p, i) => {
        const next = points.slice(i + 1).find(
            q => q.at - p.at >= APART_MS);
        return next ? [{ at: new Date((+p.at + +next.at) / 2),
            value: (next.value - p.value) * YEAR_MS / (next.at - p.at) }] :
            [];
    });
}

/**
 * How fast a child grows, behind each of the kinds it is told by.  Against
 * the child itself, and no reference: tables of others are not part of this.
 */
export function withGrowth(known) {
    return known.flatMap(kind => {
        const points = rates(kind.lines[0].points);
        if (!["height", "weight", "bmi"].includes(kind.id) ||
            points.length === 0)
            return [kind];
        return [kind, { ...kind, id: `${kind.id}-gain`, foreign: 0,
            title: `${kind.title} gained in a year`,
            unit: `${kind.unit} per year`,
            lines: [{ name: `${kind.title} gained in a year`, points }] }];
    });
}

/** Whole months from birth to a day. */
export function months(birth, at) {
    const m = (at.getUTCFullYear() - birth.getUTCFullYear()) * 12 +
        at.getUTCMonth() - birth.getUTCMonth();
    return at.getUTCDate() < birth.getUTCDate() ? m - 1 : m;
}

/** "11 months", "7 years": as people say it. */
export function age(birth, at) {
    const m = months(birth, at);
    const n = m < 24 ? m : Math.floor(m / 12);
    return `${n} ${m < 24 ? "month" : "year"}${n === 1 ? "" : "s"}`;
}

/** name[] of DSTU2: family is a list. */
export function name(patient) {
    const n = (patient.name || []).find(x => x.use !== "old") || {};
    return [n.given, n.family].flat().filter(Boolean).join(" ") ||
        n.text || "No name";
}
