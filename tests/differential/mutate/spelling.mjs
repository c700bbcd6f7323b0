// JSON that no encoder writes, in the header or in the payload, and signed like that.
import {bytesOf} from '../sign.mjs';

const end = (more) => (t) => t.replace(/}$/s, `,${more}}`);
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const many = (count) => Array.from({length: count}, (_, i) => `"m${i}":0`).join(',');
const membersOf = (t) => Object.keys(JSON.parse(t)).length;
const byte = (t, w, pick) => { const at = w.random(t.length + 1); return t.slice(0, at) + pick + t.slice(at); };

// Texts here are Latin-1: a character a byte.
const malformed = [
    (t) => `${t}x`, (t) => `${t}}`, (t) => `${t}${t}`, (t) => `${t}\0`, (t) => `${t},`, (t) => `[${t}]`,
    (t) => t.slice(1),
    (t) => t.slice(0, -1), (t) => `{}${t}`, (t) => `\xef\xbb\xbf${t}`,
    (t) => `\xff\xfe${Buffer.from(t, 'utf16le').toString('latin1')}`,
    (t) => Buffer.from(t, 'utf16le').toString('latin1'), (t) => t.replace('"', "'"),
    (t) => t.replace(/"(\w+)":/, '$1:'),
    (t) => t.replace(/}$/, ',}'), (t) => t.replace('{', '{,'), (t) => t.replace('{', '{/**/'), (t) => `${t}//`,
    (t) => JSON.stringify(t), () => '', () => 'null', () => '[]', () => '""', () => '1', () => ' ',
    (t) => t.replace(/"(\w+)":/, '"$1":0,"$1":'), (t) => t.replace(/"(\w+)":("[^"]*"|\d+)/, '"$1":$2,"$1":$2'),
    (t) => t.replace(/^{"(\w)(\w+)":/, (_, a, b) =>
        `{"\\u00${a.charCodeAt(0).toString(16)}${b}":0,"${a}${b}":`),
    end('"a":{"b":1,"b":2}'), end('"":0,"":0'), end('"a":[{"b":1,"c":{"d":1,"d":1}}]'),
    end('"n":1e400'), end('"n":-1e400'), end('"n":[1e309]'), end('"n":18446744073709551616'),
    end('"n":9223372036854775808'),
    end('"n":-9223372036854775809'), end('"n":NaN'), end('"n":Infinity'), end('"n":.5'), end('"n":5.'), end('"n":+5'),
    end('"n":05'), end('"n":0x5'), end('"n":1_0'), end('"n":True'), end('"n":nul'), end('"n":undefined'),
    end('"n":"\\u0000"'), end('"\\u0000":1'), end('"n":"\\ud800"'), end('"n":"\\udc00\\ud800"'), end('"n":"\\ud800x"'),
    end('"n":"\xff"'), end('"n":"\xc0\x80"'), end('"n":"\xed\xa0\x80"'), end('"n":"\xf4\x90\x80\x80"'),
    end('"n":"\xc3"'),
    end('"n":"\x01"'), end('"n":"\n"'), end('"n":"\\x41"'), end('"n":"\\u12"'), end('"n":"\\\'"'), end('"n":"\\'),
    end(`"n":${nested(16)}`), end(`"n":${nested(17)}`), end(`"n":${nested(500)}`), end(`"n":"${'x'.repeat(8193)}"`),
    end(`"${'x'.repeat(8193)}":0`),
];
const fine = [
    (t) => t.replace('{', '{ '), (t) => ` ${t} `, (t) => `\t\r\n ${t}\n`, (t) => t.replaceAll(',', '\t,\r\n '),
    (t) => t.replaceAll(':"', ' : "'), (t) => t.replace(/"(\w)/, (_, a) => `"\\u00${a.charCodeAt(0).toString(16)}`),
    (t) => t.replaceAll('/', '\\/'), (t) => JSON.stringify(JSON.parse(Buffer.from(t, 'latin1').toString()), null, 4)
        .replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    end(`"n":${nested(15)}`), end('"n":-0'), end('"n":1E-400'), end('"n":9223372036854775807'),
    end('"n":-9223372036854775808'), end('"n":1e308'), end('"n":0.1e1'), end('"n":"\\ud83d\\ude00"'),
    end('"n":"\xf0\x9f\x98\x80"'),
    end('"n":"\xe2\x80\xa8\x7f"'), end('"":{"":{}}'), end('"n":"\\\\\\"\\b\\f\\n\\r\\t"'),
    end('"n":{"a":1,"b":{"a":1}}'),
    end('"n":"[[[[[[[[[[[[[[[[[[[[{{:::"'), (t) => t.replace(/:(\d+)/, ':$1.0'), (t) => t.replace(/:(\d+)/, ':$1e0'),
];
// Whether these are JSON is for the judges.
const anything = [
    (t, w) => byte(t, w, w.pick([...'\0\t\n\r "\\,:[]{}-+.019eE\x1f\x7f\x80\xa0\xc0\xe9\xff'])),
    (t, w) => { const at = w.random(t.length); return t.slice(0, at) + t.slice(at + 1 + w.random(2)); },
    (t, w) => { const at = w.random(t.length); return t.slice(0,
        at) + String.fromCharCode(w.random(256)) + t.slice(at + 1); },
    (t, w) => byte(t, w, w.pick(['"a":1,', ',"a":1', '\\u0041', '\\ud83d', '[]', '{}', 'null', '"x"', '\xc2\xa0',
        '\xef\xbb\xbf'])),
    (t, w) => { const [a, b] = [w.random(t.length), w.random(t.length)]; return t.slice(0, a) + t.slice(b,
        b + 9) + t.slice(a); },
    (t) => t.replace(/:(\d+)/, ':0$1'),
];

// `most` names fit, one more does not.
const members = (good) => (t) => end(many(256 - membersOf(t) + (good ? 0 : 1)))(t);

const inHeader = (change, ...words) => (w) => {
    const draft = w.draft();
    const text = change(bytesOf(draft.header).toString('latin1'), w);
    return {token: w.token(draft, {header: text}), words: words.length > 0 ? w.implied(draft, ...words) : undefined};
};
const inPayload = (change, ...words) => (w) => {
    const draft = w.draft();
    const payload = {...draft.payload, name: undefined, scope: undefined, roles: undefined};
    const text = change(bytesOf(payload).toString('latin1'), w);
    return {token: w.token(draft, {payload: text}), words: words.length > 0 ? w.impliedByClaim(draft,
        ...words) : undefined};
};
const cards = (place, big) => [
    ...anything.flatMap((change) => Array(8).fill(place(change))),
    ...malformed.map((change) => place(change, 'malformed')), ...fine.map((change) => place(change, 'accepted')),
    ...(big ? [place(members(true), 'accepted'), place(members(false), 'malformed'),
        place(end(`"n":"${'x'.repeat(8192)}"`), 'accepted'), place(end(`"${'x'.repeat(8192)}":0`), 'accepted')] : []),
];

export const headerSpelling = cards(inHeader, false);
export const payloadSpelling = cards(inPayload, true);
