// SPDX-License-Identifier: Apache-2.0
/*
 * One chart as SVG, drawn for the width it has, so that its text keeps the
 * size of the page's.  Lines differ by mark and name, not by colour alone.
 */

const NS = "http://www.w3.org/2000/svg";
const LEFT = 48, RIGHT = 16, TOP = 16, BOTTOM = 36;
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
    "Sep", "Oct", "Nov", "Dec"];

function make(tag, attrs, ...kids) {
    const e = document.createElementNS(NS, tag);
    for (const [k, v] of Object.entries(attrs))
        e.setAttribute(k, v);
    e.append(...kids);
    return e;
}

/** Round numbers around lo..hi, about n of them. */
export function ticks(lo, hi, n) {
    const raw = (hi - lo || Math.abs(hi) || 1) / n;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].find(s => s * power >= raw) * power;
    const out = [];
    const first = Math.floor(lo / step);
    for (let i = first; i === first || (i - 1) * step < hi; i++)
        out.push(Number((i * step).toFixed(6)));
    return out;
}

/** From the least to the most, and never less than span. */
export function range(values, span) {
    const lo = Math.min(...values), hi = Math.max(...values);
    const more = Math.max(0, span - (hi - lo)) / 2;
    return [lo - more, hi + more];
}

/** Months on the x axis: since birth, or since the year 0. */
function month(birth, at) {
    const since = d => d.getUTCFullYear() * 12 + d.getUTCMonth() +
        (d.getUTCDate() - 1) / 31;
    return since(at) - (birth ? since(birth) : 0);
}

function monthTicks(lo, hi, n) {
    const step = MONTH_STEPS.find(s => (hi - lo) / s <= n) || 1200;
    const out = [];
    for (let m = Math.floor(lo / step) * step; m - step < hi; m += step)
        out.push(m);
    return out.length > 1 ? out : [out[0], out[0] + step];
}

function monthLabel(birth, m) {
    if (birth)
        return m % 12 ? `${m} mo` : `${m / 12} y`;
    const year = Math.floor(m / 12);
    return m % 12 ? `${MONTHS[m % 12]} ${year}` : `${year}`;
}

/* A circle or a square, by the line it belongs to. */
function mark(i, x, y) {
    return i === 0 ?
        make("circle", { cx: x, cy: y, r: 4, class: "mark m0" }) :
        make("rect", { x: x - 4, y: y - 4, width: 8, height: 8,
            class: "mark m1" });
}

function axes(xs, ys, X, Y, birth, box) {
    const g = make("g", { class: "axes" });
    for (const v of ys)
        g.append(
            make("line", { x1: LEFT, x2: box.w - RIGHT, y1: Y(v), y2: Y(v) }),
            make("text", { x: LEFT - 8, y: Y(v) + 5, "text-anchor": "end" },
                String(v)));
    xs.forEach((m, i) => {
        const last = i === xs.length - 1;
        g.append(
            make("line", { x1: X(m), x2: X(m), y1: box.h - BOTTOM,
                y2: box.h - BOTTOM + 6 }),
            make("text", { x: last ? X(m) + RIGHT : X(m),
                y: box.h - BOTTOM + 24,
                "text-anchor": last ? "end" : "middle" },
            monthLabel(birth, m)));
    });
    return g;
}

/**
 * The chart of a kind (measure.js).  birth: the x axis is the age; null: the
 * date.  title and text describe it to who does not see it.
 */
export function plot(kind, { width, birth, title, text }) {
    const all = kind.lines.flatMap(l => l.points);
    const box = { w: Math.max(width, 240), h: width < 480 ? 220 : 300 };
    const at = all.map(p => month(birth, p.at));
    const xs = monthTicks(Math.min(...at), Math.max(...at),
        Math.max(2, Math.floor(box.w / 96)));
    const [lo, hi] = range(all.map(p => p.value), kind.span);
    const ys = ticks(lo, hi, 5);
    const X = m => LEFT + (m - xs[0]) / (xs.at(-1) - xs[0]) *
        (box.w - LEFT - RIGHT);
    const Y = v => box.h - BOTTOM - (v - ys[0]) / (ys.at(-1) - ys[0]) *
        (box.h - TOP - BOTTOM);
    const svg = make("svg", { role: "img", width: box.w, height: box.h,
        viewBox: `0 0 ${box.w} ${box.h}`,
        "aria-labelledby": `${kind.id}-t ${kind.id}-d` },
    make("title", { id: `${kind.id}-t` }, title),
    make("desc", { id: `${kind.id}-d` }, text),
    axes(xs, ys, X, Y, birth, box));
    kind.lines.forEach((line, i) => {
        const xy = line.points.map(p => [X(month(birth, p.at)), Y(p.value)]
            .map(n => Math.round(n * 10) / 10));
        svg.append(make("polyline", { class: `line l${i}`,
            points: xy.map(p => p.join(",")).join(" ") }),
        ...xy.map(p => mark(i, ...p)));
    });
    return svg;
}
