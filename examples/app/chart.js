// SPDX-License-Identifier: Apache-2.0
/*
 * The page of charts: ends the launch, reads the record, draws it.
 *
 * Text from the record goes into the page as text, never as markup.
 */
import { age, months, name, series, withGrowth } from "./measure.js";
import { plot } from "./plot.js";
import { run, say } from "./settings.js";

const CHILD_MONTHS = 20 * 12;   // up to then growth is read by age
const DAY = new Intl.DateTimeFormat("en-GB",
    { dateStyle: "long", timeZone: "UTC" });

function make(tag, props, ...kids) {
    const e = Object.assign(document.createElement(tag), props);
    e.append(...kids);
    return e;
}

const number = (kind, v) => v.toFixed(kind.digits);

/* "13 values; the first 3.4 kg on ..., the last 24.1 kg on ..." */
function sentence(kind) {
    return kind.lines.filter(l => l.points.length).map(l => {
        const a = l.points[0], b = l.points.at(-1);
        const said = p =>
            `${number(kind, p.value)} ${kind.unit} on ${DAY.format(p.at)}`;
        return l.points.length === 1 ? `${l.name}: ${said(a)}.` :
            `${l.name}: ${l.points.length} values, the first ${said(a)}, ` +
            `the last ${said(b)}.`;
    }).join(" ");
}

/* One row a time, one column a line. */
function table(kind, birth) {
    const times = [...new Set(kind.lines.flatMap(
        l => l.points.map(p => +p.at)))].sort((a, b) => b - a);
    const head = ["Date", ...(birth ? ["Age"] : []),
        ...kind.lines.map(l => `${l.name} (${kind.unit})`)];
    const rows = times.map(t => {
        const at = new Date(t);
        return make("tr", {},
            make("th", { scope: "row" }, DAY.format(at)),
            ...(birth ? [make("td", {}, age(birth, at))] : []),
            ...kind.lines.map(l => make("td", {}, l.points
                .filter(p => +p.at === t)
                .map(p => number(kind, p.value)).join(", ") || "–")));
    });
    return make("table", {},
        make("caption", { className: "sr" }, kind.title),
        make("thead", {}, make("tr", {},
            ...head.map(h => make("th", { scope: "col" }, h)))),
        make("tbody", {}, ...rows));
}

/* The names of two lines and their marks; one line is named by its title. */
function key(kind) {
    if (kind.lines.length < 2)
        return [];
    return [make("ul", { className: "key" }, ...kind.lines.map((l, i) =>
        make("li", { className: `k${i}` }, l.name)))];
}

function figure(kind, birth) {
    const text = sentence(kind);
    const room = make("div", { className: "room" });
    const drawn = kind.lines.some(l => l.points.length);
    const left = kind.foreign ? [make("p", { className: "hint" },
        `Not drawn: ${kind.foreign} in another unit.`)] : [];
    const draw = () => room.replaceChildren(plot(kind, {
        width: room.clientWidth, birth, text,
        title: `${kind.title}, ${kind.unit}` }));
    if (drawn)
        new ResizeObserver(draw).observe(room);
    return make("figure", { id: kind.id },
        make("figcaption", {}, make("h3", {},
            `${kind.title}, ${kind.unit}`)),
        ...key(kind), room, make("p", {}, text), ...left,
        ...(drawn ? [make("details", {},
            make("summary", {}, `${kind.title} as a table`),
            table(kind, birth))] : []));
}

function show(patient, observations) {
    const birth = patient.birthDate ? new Date(patient.birthDate) : null;
    const now = new Date();
    const child = birth && months(birth, now) < CHILD_MONTHS;
    const all = series(observations), known = child ? withGrowth(all) : all;
    document.getElementById("who").textContent = name(patient);
    document.title = `${name(patient)} – Growth and vital signs`;
    const charts = document.getElementById("charts");
    charts.append(make("p", {}, [
        birth && `Born ${DAY.format(birth)}, ${age(birth, now)}`,
        patient.gender].filter(Boolean).join(", ")));
    const groups = { body: child ? "Growth" : "Height and weight",
        vital: "Vital signs" };
    for (const [group, title] of Object.entries(groups)) {
        const kinds = known.filter(k => k.group === group);
        if (kinds.length)
            charts.append(make("h2", {}, title),
                ...kinds.map(k => figure(k, child ? birth : null)));
    }
    say(known.length ? "" : "This record holds no measurements.");
}

run(async () => {
    say("Reading the record …");
    const client = await FHIR.oauth2.ready();
    if (!client.patient.id)
        throw new Error("no patient came with the access");
    const [patient, observations] = await Promise.all([
        client.patient.read(),
        client.request("Observation?category=vital-signs&_count=100&" +
            `patient=${encodeURIComponent(client.patient.id)}`,
        { pageLimit: 0, flat: true }),
    ]);
    show(patient, observations.filter(
        r => r.resourceType === "Observation"));
});
