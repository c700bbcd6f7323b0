// Which of these would the AppArmor profile refuse? `permits.mjs PROFILE`: the profile as `apparmor_parser -p`
// prints it, with every include in its place; on standard input what was done, a line each: `FILE r PATH`,
// `FILE w PATH`, `FILE m PATH` (mapped to be run), `SOCKET inet stream`. Prints what no rule permits.
//
// It knows the rules that are in use here (files, network) and says nothing of the others; what the kernel
// makes of the whole is tests/apparmor/kernel's to show.
import {readFileSync} from 'node:fs';

const text = readFileSync(process.argv[2], 'utf8').replace(/^\s*#.*$/gm, '');

const variables = new Map();
for (const [, name, sign, values] of text.matchAll(/^\s*@\{(\w+)\}\s*(\+?=)\s*(.*)$/gm)) {
    const words = values.trim().split(/\s+/).map((word) => word.replace(/^"(.*)"$/, '$1'));
    variables.set(name, sign === '+=' ? [...variables.get(name), ...words] : words);
}

// Every reading of a path with variables; a variable may have several values, and refer to others.
const readings = (path) => {
    const [, name] = /@\{(\w+)\}/.exec(path) ?? [];
    return name === undefined ? [path.replace(/\/{2,}/g, '/')]
        : (variables.get(name) ?? []).flatMap((value) => readings(path.replace(`@{${name}}`, value)));
};

// AppArmor's patterns (apparmor.d(5)): * and ? do not match a slash, ** does; a * that is a whole
// component is not empty.
const pattern = (path) => {
    let depth = 0;
    const regex = path.replace(/(?<=\/)\*\*?(?=$|[/,}])|\*\*|[*?{},]|\[\^?[^\]]*\]|\\.|[.+^$()|]/g, (part, at) => {
        switch (part) {
            case '**': return path[at - 1] === '/' ? '[^/].*' : '.*';
            case '*': return path[at - 1] === '/' && /^$|^[/,}]/.test(path.slice(at + 1)) ? '[^/]+' : '[^/]*';
            case '?': return '[^/]';
            case '{': depth++; return '(?:';
            case '}': depth--; return ')';
            case ',': return depth > 0 ? '|' : ',';
            default: return part.length > 1 ? part : `\\${part}`;
        }
    });
    return new RegExp(`^${regex}$`);
};

const files = [...text.matchAll(/^\s*(?:audit\s+)?(deny\s+)?(?:owner\s+)?((?:\/|@\{)\S*)\s+([rwamlkixpuUPCc]+),/gm)]
    .flatMap(([, deny, path, modes]) => readings(path).map((reading) => ({deny, pattern: pattern(reading), modes})));
const networks = new Set([...text.matchAll(/^\s*network\s+(\w+)\s*(\w*)\s*,/gm)]
    .map(([, family, type]) => `${family} ${type}`));
if (files.length < 100 || networks.size === 0) {
    throw new Error(`${process.argv[2]}: ${files.length} rules of files, ${networks.size} of networks?`);
}

const permitted = (what, mode, rest) => {
    if (what === 'SOCKET') {
        return networks.has(`${mode} ${rest}`) || networks.has(`${mode} `);
    }
    const of = files.filter((rule) => rule.modes.includes(mode) && rule.pattern.test(rest));
    return of.length > 0 && !of.some((rule) => rule.deny);
};
for (const line of readFileSync(0, 'utf8').split('\n').filter((each) => each !== '')) {
    const [what, mode, ...rest] = line.split(' ');
    if (!permitted(what, mode, rest.join(' '))) {
        console.log(line);
    }
}
