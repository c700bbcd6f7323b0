// Where the instructions go: a row for each thing that has a price, by library, and the module's functions.
import {number, table} from './measured.mjs';

const TITLES = {
    verify: 'a token verified, RS256', login: 'a sign-in in a warm host, RS256', stored_keys: 'a stored key more',
    pinned_keys: 'a key more in a jwks_file', map: 'a line more in the map', providers: 'a provider more of the service',
};
const LIBRARIES = {
    'the module': /^(pam_oauth\.so|ours)$/, libjansson: /^libjansson/, libcrypto: /^libcrypto/, libc: /^libc\./,
    'the loader': /^ld-/,
};
const SHOWN = 9;

// Of functions that do little but call one another, the last alone.
function dearest(functions) {
    return functions.filter(({name}) => !/'\d|^main$|^bench_/.test(name)).sort((a, b) => b.cost - a.cost)
        .filter(({cost}, i, all) => i + 1 === all.length || all[i + 1].cost < 0.95 * cost).slice(0, SHOWN);
}

const amount = (n) => (n >= 1e4 ? `${(n / 1000).toFixed(0)} k` : n.toFixed(0));

export function profile(measured) {
    const rows = measured.rows('profile').map(([what, kind, name, cost]) =>
        ({what, kind, name: name.replace(/\.(constprop|isra|part|cold).*/, ''), cost: number(cost)}));
    const results = Object.fromEntries(Object.keys(TITLES).map((what) => {
        const of = (kind) => rows.filter((row) => row.what === what && row.kind === kind);
        const objects = of('object');
        const sum = (list) => list.reduce((all, {cost}) => all + cost, 0);
        if (objects.length === 0) throw new Error(`no profile of ${what}`);
        return [what, {
            all: sum(objects),
            libraries: Object.fromEntries(Object.entries(LIBRARIES).map(([name, pattern]) =>
                [name, sum(objects.filter((object) => pattern.test(object.name)))])),
            functions: dearest(of('function')).map(({name, cost}) => ({name, cost})),
        }];
    }));
    return {
        results,
        text: `Where the instructions go, by library, and of the module's functions (what they call included):\n\n${table(
            ['', 'all', ...Object.keys(LIBRARIES), 'functions'],
            Object.entries(results).map(([what, {all, libraries, functions}]) => [TITLES[what], amount(all),
                ...Object.values(libraries).map(amount), functions.map(({name, cost}) => `${name} ${amount(cost)}`).join(', ')]))}`,
    };
}
