// How the cost of a login grows, and by what: an exponent, a cost of each one more, and the plots.
import {median, number, table} from './measured.mjs';

// `growth` is what it is explained to be, so that another is seen.
const KINDS = {
    stored_keys: {title: 'keys, stored', unit: 'key', growth: 'none',
        why: 'the line that begins with the kid is found, and it alone is imported'},
    pinned_keys: {title: 'keys, in a jwks_file', unit: 'key', growth: 'linear',
        why: 'the file is the administrator\'s JSON and read strictly, whole, each time'},
    map: {title: 'lines of the account map', unit: 'line', growth: 'linear',
        why: 'searched from end to end, for a `!` rule may stand anywhere'},
    token: {title: 'bytes of the token', unit: 'byte', growth: 'linear',
        why: 'hashed, decoded, and its JSON read'},
    providers: {title: 'providers of the service', unit: 'provider', growth: 'linear',
        why: 'the configuration is read and checked, and each issuer\'s stored keys are searched for the kid'},
};

// What one more may add, of all, where next to nothing should be added.
const SMALL = 0.0005;

// Of what is more than at the first point: between the two last.
function exponentOfMore(points) {
    const [first] = points;
    const [before, last] = points.slice(-2);
    return Math.log((last.y - first.y) / (before.y - first.y)) / Math.log((last.x - first.x) / (before.x - first.x));
}

// Of all of it: from the first point to the last.
function exponentOfAll(points) {
    const [first, last] = [points[0], points.at(-1)];
    return Math.log(last.y / first.y) / Math.log(last.x / first.x);
}

function judge({growth: expected}, points) {
    const each = (points.at(-1).y - points[0].y) / (points.at(-1).x - points[0].x);
    const exponent = expected === 'linear' ? exponentOfMore(points) : exponentOfAll(points);
    return {each, exponent, as_explained: expected === 'linear' ? Math.abs(exponent - 1) < 0.2 : each < SMALL * points[0].y};
}

// A claim costs what removing old tokens costs, however many there are: no step may be larger than that
// of some hundred, the first at which there are any.
const REMOVING = 50000;
function judgeUsed(points) {
    const some = points.filter(({x}) => x > 0);
    return {exponent: exponentOfAll(some), as_explained: some.every(({y}) => y < points[0].y + REMOVING)};
}

export function growth(measured) {
    const counts = measured.counts('growth.counts');
    const race = measured.race('growth.race');
    const memory = measured.race('growth-memory.race');
    const results = {};
    for (const kind of Object.keys(KINDS)) {
        const points = Object.keys(counts).filter((name) => name.startsWith(`${kind}/`)).map((name) => ({
            x: Number(name.split('/')[1]), y: counts[name] - counts.permit, us: race.median(name, ({printed}) => printed[0]),
            resident_kb: memory.median(name, ({printed}) => printed[0]),
        })).sort((a, b) => a.x - b.x);
        results[kind] = {points, ...judge(KINDS[kind], points)};
    }
    const used = measured.rows('used').map(([x, y, us]) => ({x: number(x), y: number(y), us: number(us)}));
    results.used = {points: used, ...judgeUsed(used)};
    return {results, text: growthTable(results), plots: {growth: plot(results)}};
}

function growthTable(results) {
    const rows = Object.entries(KINDS).map(([kind, {title, unit, growth, why}]) => {
        const {points, each, exponent: power} = results[kind];
        const [first, last] = [points[0], points.at(-1)];
        return [title, `${first.x} to ${last.x}`, `${(first.y / 1e6).toFixed(1)} to ${(last.y / 1e6).toFixed(1)}`,
            `${ms(first.us)} to ${ms(last.us)}`, `${amount(each)} a ${unit}`,
            `${power.toFixed(2)}${growth === 'none' ? ' of all' : ''}${notAs(results[kind])}`, `${last.resident_kb - first.resident_kb} kB`, why];
    });
    const {points} = results.used;
    const each = (points.at(-1).y - points[0].y) / (points.at(-1).x - points[0].x);
    rows.push(['used tokens, a claim', `${points[0].x} to ${points.at(-1).x}`, `${kilo(points, Math.min)} to ${kilo(points, Math.max)} k`,
        `${ms(points[0].us)} to ${ms(points.at(-1).us)}`, `${each.toFixed(2)} a token`,
        `${results.used.exponent.toFixed(2)} of all${notAs(results.used)}`, '',
        'an empty file of its own; the step: where old ones are found, at most 64 are removed']);
    return `How a login in a warm host grows (instructions beyond those of pam_permit; the exponent is that of what is added):\n\n${table(
        ['', 'from', 'instructions, M', 'ms', 'each one more', 'exponent', 'memory', 'why'], rows)}`;
}
const notAs = ({as_explained: holds}) => (holds ? '' : ' (not as explained)');
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const ms = (us) => (us / 1000).toFixed(2);
const kilo = (points, choose) => (choose(...points.map(({y}) => y)) / 1000).toFixed(0);
const amount = (n) => (n >= 1e6 ? `${(n / 1e6).toFixed(0)} M` : n >= 1e4 ? `${(n / 1e3).toFixed(0)} k` : `${n.toFixed(0)}`);

// ---- plots: see draw.awk ----

const panel = (...words) => ['panel', ...words].join('\t');
const line = (series, points, value, label) => [
    ...points.map((point) => ['point', series, point.x, value(point)].join('\t')), ['label', series, label ?? series].join('\t')];

function plot(results) {
    const instructions = ({y}) => y / 1e6;
    const each = (kind) => `${amount(results[kind].each)} a ${KINDS[kind].unit}`;
    const {points: used} = results.used;
    return [
        panel('A login, M instructions: keys of the provider', 'keys', 'log', 1, 1000, 1, 100),
        ...line('pinned', results.pinned_keys.points, instructions, `jwks_file: ${each('pinned_keys')}`),
        ...line('stored', results.stored_keys.points, instructions, `stored: ${each('stored_keys')}`),
        panel('A login, M instructions: the account map', 'lines', 'log', 10, 1000000, 1, 100),
        ...line('map', results.map.points, instructions, each('map')),
        panel('A login, M instructions: the token', 'bytes', 'log', 100, 100000, 1, 100),
        ...line('token', results.token.points, instructions, each('token')),
        panel('A login, M instructions: providers', 'providers of the service', 'log', 1, 100, 1, 100),
        ...line('providers', results.providers.points, instructions, each('providers')),
        panel('A claim of single_use, µs, in memory', 'tokens that were used before', 'log', 0, 1000000, 10, 10000),
        ...line('used', used, ({us}) => us, 'old ones removed'),
    ];
}

// ---- parallel logins through sshd ----

const STORM = {permit: 'pam_permit', keys: '**pam_oauth**, ES256', unix: 'pam_unix, yescrypt'};

export function storm(measured) {
    const runs = measured.rows('storm.race').map(([turn, name, wall]) => ({turn, name, wall: number(wall)}));
    const server = measured.rows('storm.server');
    const results = {};
    for (const name of new Set(server.map(([, name]) => name))) {
        const [kind, size] = name.split('/');
        const turns = [...new Set(runs.filter((run) => run.name === name).map(({turn}) => turn))];
        const last = turns.map((turn) => Math.max(...runs.filter((run) => run.name === name && run.turn === turn).map(({wall}) => wall)));
        (results[kind] ??= []).push({
            x: Number(size), all_ms: median(last) / 1000,
            server_ms: mean(server.filter((row) => row[1] === name).map((row) => 10 * number(row[2]))) / Number(size),
        });
    }
    const sizes = results.keys.map(({x}) => x);
    // Of the time until the last is in, between the two largest storms.
    const power = (kind) => {
        const [before, last] = results[kind].slice(-2);
        return Math.log(last.all_ms / before.all_ms) / Math.log(last.x / before.x);
    };
    const row = (kind) => [STORM[kind], ...results[kind].map(({server_ms, all_ms}) => `${server_ms.toFixed(0)} (${(all_ms / 1000).toFixed(1)})`),
        power(kind).toFixed(2)];
    const plots = [
        panel('Logins at once through one sshd, ms of processor each', 'at once', 'log', 1, 1000, 1, 1000),
        ...Object.entries(STORM).flatMap(([kind, title]) => line(kind, results[kind], ({server_ms}) => server_ms, title.replaceAll('*', ''))),
    ];
    return {
        results, plots: {growth: plots},
        text: `Logins at once through one sshd: its processor time for each, ms (and until the last is in, s, clients on the same processors):\n\n${
            table(['', ...sizes, 'exponent'], Object.keys(STORM).map(row))}\n\n${
            'A login costs sshd as much however many there are; so the time until the last is in grows with their number.'}`,
    };
}
