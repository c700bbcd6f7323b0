// JSON that no encoder writes, in the header or in the payload, and signed like that. Texts here are
// Latin-1: a character a byte.
import {bytesOf} from '../sign.mjs';

const end = (more) => (t) => t.replace(/}$/s, `,${more}}`);
const value = (text) => end(`"n":${text}`);
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const splice = (t, at, gone, more = '') => t.slice(0, at) + more + t.slice(at + gone);
const hex = (char) => char.charCodeAt(0).toString(16).padStart(4, '0');

const malformed = [
    // more, less or other than an object
    (t) => `${t}x`, (t) => `${t}}`, (t) => `${t}${t}`, (t) => `${t}\0`, (t) => `${t},`, (t) => `[${t}]`,
    (t) => `{}${t}`, (t) => t.slice(1), (t) => t.slice(0, -1), (t) => JSON.stringify(t), (t) => `${t}//`,
    () => '', () => 'null', () => '[]', () => '""', () => '1', () => ' ',
    // another language
    (t) => t.replace('"', "'"), (t) => t.replace(/"(\w+)":/, '$1:'), (t) => t.replace(/}$/, ',}'),
    (t) => t.replace('{', '{,'), (t) => t.replace('{', '{/**/'),
    ...['NaN', 'Infinity', '.5', '5.', '+5', '05', '0x5', '1_0', 'True', 'nul', 'undefined', '"\\x41"', '"\\u12"',
        '"\\\'"', '"\\', '"\x01"', '"\n"'].map(value),
    // another encoding
    (t) => `\xef\xbb\xbf${t}`, (t) => Buffer.from(t, 'utf16le').toString('latin1'),
    (t) => `\xff\xfe${Buffer.from(t, 'utf16le').toString('latin1')}`,
    ...['"\xff"', '"\xc0\x80"', '"\xed\xa0\x80"', '"\xf4\x90\x80\x80"', '"\xc3"'].map(value),
    ...['"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ud800x"'].map(value), end('"\\u0000":1'),
    // a name twice
    (t) => t.replace(/"(\w+)":/, '"$1":0,"$1":'), (t) => t.replace(/"(\w+)":("[^"]*"|\d+)/, '"$1":$2,"$1":$2'),
    (t) => t.replace(/^{"(\w)(\w+)":/, (_, a, rest) => `{"\\u${hex(a)}${rest}":0,"${a}${rest}":`),
    end('"":0,"":0'), value('{"b":1,"b":2}'), value('[{"b":1,"c":{"d":1,"d":1}}]'),
    // too large
    ...['1e400', '-1e400', '[1e309]', '18446744073709551616', '9223372036854775808', '-9223372036854775809',
        nested(16), nested(17), nested(500), `"${'x'.repeat(8193)}"`].map(value), end(`"${'x'.repeat(8193)}":0`),
];
const fine = [
    (t) => t.replace('{', '{ '), (t) => ` ${t} `, (t) => `\t\r\n ${t}\n`, (t) => t.replaceAll(',', '\t,\r\n '),
    (t) => t.replaceAll(':"', ' : "'), (t) => t.replace(/"(\w)/, (_, a) => `"\\u${hex(a)}`),
    (t) => t.replaceAll('/', '\\/'), (t) => t.replace(/:(\d+)/, ':$1.0'), (t) => t.replace(/:(\d+)/, ':$1e0'),
    (t) => JSON.stringify(JSON.parse(Buffer.from(t, 'latin1').toString()), null, 4).replace(/[^\0-\x7f]/g,
        (char) => `\\u${hex(char)}`),
    ...[nested(15), '-0', '1E-400', '9223372036854775807', '-9223372036854775808', '1e308', '0.1e1', '"\\ud83d\\ude00"',
        '"\xf0\x9f\x98\x80"', '"\xe2\x80\xa8\x7f"', '"\\\\\\"\\b\\f\\n\\r\\t"', '{"a":1,"b":{"a":1}}',
        '"[[[[[[[[[[[[[[[[[[[[{{:::"'].map(value), end('"":{"":{}}'),
];
// Whether these are JSON is for the judges.
const anything = [
    (t, w) => splice(t, w.random(t.length + 1), 0,
        w.pick([...'\0\t\n\r "\\,:[]{}-+.019eE\x1f\x7f\x80\xa0\xc0\xe9\xff'])),
    (t, w) => splice(t, w.random(t.length + 1), 0, w.pick(['"a":1,', ',"a":1', '\\u0041', '\\ud83d', '[]', '{}',
        'null', '"x"', '\xc2\xa0', '\xef\xbb\xbf'])),
    (t, w) => splice(t, w.random(t.length), 1 + w.random(2)),
    (t, w) => splice(t, w.random(t.length), 1, String.fromCharCode(w.random(256))),
    (t, w) => { const from = w.random(t.length); return splice(t, w.random(t.length), 0, t.slice(from, from + 9)); },
    (t) => t.replace(/:(\d+)/, ':0$1'),
];

// So many names in all.
const named = (count) => (t) => {
    const missing = count - Object.keys(JSON.parse(t)).length;
    return end(Array.from({length: missing}, (_, i) => `"m${i}":0`).join(','))(t);
};
// What would be too large for a header in any case.
const largest = {
    fine: [named(256), value(`"${'x'.repeat(8192)}"`), end(`"${'x'.repeat(8192)}":0`)],
    malformed: [named(257)],
};

const inHeader = (change, word) => (w) => {
    const draft = w.draft();
    const header = change(bytesOf(draft.header).toString('latin1'), w);
    return {token: w.token(draft, {header}), words: word && w.implied(draft, word)};
};
const inPayload = (change, word) => (w) => {
    const draft = w.draft();
    const {iss, aud, sub, iat, exp} = draft.payload;
    const payload = change(bytesOf({iss, aud, sub, iat, exp}).toString('latin1'), w);
    return {token: w.token(draft, {payload}), words: word && w.impliedByClaim(draft, word)};
};
const cards = (place, large = {fine: [], malformed: []}) => [
    ...Array(8).fill(anything).flat().map((change) => place(change)),
    ...[...malformed, ...large.malformed].map((change) => place(change, 'malformed')),
    ...[...fine, ...large.fine].map((change) => place(change, 'accepted')),
];

export const headerSpelling = cards(inHeader);
export const payloadSpelling = cards(inPayload, largest);
