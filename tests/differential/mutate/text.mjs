// Changes of a token's text, whatever it says: its characters, its parts, what stands around it.
import {b64} from '../numbers.mjs';
import {messageOf} from '../sign.mjs';

const characters = [...'ABCDEFGHabcdefgh0189-_.=+/ {"\x7f\t\r~\0', '\x80', '\xe9', '\xff'];

const splice = (text, at, gone, more = '') => text.slice(0, at) + more + text.slice(at + gone);
const upside = (char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase());

// One good token, changed; a card that always breaks its shape says so.
const changed = (change) => (w) => ({token: change(w.token(w.draft()), w)});
const broken = (change) => (w) => {
    const draft = w.draft();
    return {token: change(w.token(draft), w), words: ['malformed']};
};
const partsOf = (change) => (token, w) => change(token.split('.'), w).join('.');

const encodedSize = (part) => Math.ceil(Buffer.byteLength(JSON.stringify(part)) * 4 / 3);

// More members, so that the part has `size` bytes; a string stays below its own limit.
function grown(part, size) {
    const pads = Object.fromEntries([0, 1, 2, 3, 4, 5, 6].map((i) => [`pad${i}`, '']));
    let missing = size - Buffer.byteLength(JSON.stringify({...part, ...pads}));
    for (const name of Object.keys(pads)) {
        pads[name] = 'x'.repeat(Math.min(8000, missing));
        missing -= pads[name].length;
    }
    return {...part, ...pads};
}

const headerOf = (bytes, good) => (w) => {
    const draft = w.draft();
    const token = w.token(draft, {header: grown(draft.header, bytes)});
    return {token, words: good ? w.implied(draft, 'accepted') : ['malformed']};
};

const tokenOf = (length, good) => (w) => {
    const draft = w.draft();
    const signature = w.token(draft).split('.')[2].length;
    let {header} = draft;
    let room = length - 2 - signature - encodedSize(header);
    while (room % 4 === 1) { // no base64url has that length
        header = {...header, x: `x${header.x ?? ''}`};
        room = length - 2 - signature - encodedSize(header);
    }
    const payload = grown(draft.payload, Math.floor(room * 3 / 4));
    return {token: w.token(draft, {header, payload}), words: good ? w.implied(draft, 'accepted') : ['malformed']};
};

// The compact text of a draft of which the payload is empty: a signed nothing.
function emptyPayload(w) {
    const draft = w.draft();
    const token = w.seal(`${b64(JSON.stringify(draft.header))}.`, draft.alg, draft.key);
    return {token, words: w.implied(draft, w.profile.signatureOnly ? 'accepted' : 'malformed')};
}

const anywhere = [
    changed((t, w) => splice(t, w.random(t.length), 1, w.pick(characters))),
    changed((t, w) => splice(t, w.random(t.length), 1 + w.random(4))),
    changed((t, w) => splice(t, w.random(t.length), 0, w.pick(characters))),
    changed((t, w) => splice(t, w.random(t.length), 1, String.fromCharCode(w.pick([0, 9, 11, 12, 13, 32, 127, 255])))),
    changed((t, w) => t.slice(0, w.random(t.length))),
    changed((t, w) => t.slice(w.random(t.length))),
    changed((t, w) => t.slice(0, -1) + w.pick(characters)),
    changed((t, w) => { const at = w.random(t.length); return splice(t, at, 1, upside(t[at])); }),
    changed((t, w) => { const at = w.random(t.length - 1); return splice(t, at, 2, t[at + 1] + t[at]); }),
    changed((t, w) => { // a run of characters moved elsewhere
        const [at, length] = [w.random(t.length), 1 + w.random(8)];
        return splice(splice(t, at, length), w.random(t.length - length), 0, t.slice(at, at + length));
    }),
];

export const text = [
    ...anywhere, ...anywhere, ...anywhere, // most of the time
    broken(partsOf(([h, p, s]) => [h, '', p, s])),
    broken(partsOf(([h, p, s]) => [h, p, s, ''])),
    broken(partsOf(([h, p, s]) => ['', h, p, s])),
    broken(partsOf(([h, p]) => [h, p])),
    broken(partsOf(([h, p]) => [h, p, ''])),
    broken(partsOf(([, p, s]) => ['', p, s])),
    broken(partsOf(([h, p, s]) => [h, p, s, s, s])),
    changed(partsOf(([h, p, s]) => [p, h, s])),
    changed(partsOf(([h, p, s]) => [s, p, h])),
    changed(partsOf(([h, , s]) => [h, '', s])),
    changed(partsOf(([h, , s]) => [h, h, s])),
    changed((t, w) => { // the parts of two tokens
        const [a, b] = [t.split('.'), w.token(w.draft()).split('.')];
        return [0, 1, 2].map((i) => w.pick([a, b])[i]).join('.');
    }),
    broken((t) => `"${t}"`), broken((t) => `'${t}'`), broken((t) => `Bearer ${t}`), broken((t) => ` ${t}`),
    broken((t) => `${t} `), broken((t) => `\t${t}`), broken((t) => `\xef\xbb\xbf${t}`), broken((t) => `${t}\r\r`),
    broken((t) => `${t}\0`), broken((t) => `${t}\0.x`), broken((t) => t + t), broken((t) => `${t}.${t}`),
    broken((t) => t.replaceAll('.', '%2e')), broken((t) => t.replace('.', '..')), broken((t) => `${t}~`),
    broken((t) => `${t}+`), broken(() => ''), broken(() => '.'), broken(() => '..'), broken(() => '...'),
    broken((t, w) => '.'.repeat(w.random(70000))), broken((t, w) => 'A'.repeat(w.random(70000))),
    broken((t, w) => `${'A'.repeat(w.random(70000))}..`),
    broken(partsOf(([h, p, s]) => [JSON.stringify({payload: p, protected: h, signature: s})])),
    broken(partsOf(([h, p, s]) => [JSON.stringify({payload: p, signatures: [{protected: h, signature: s}]})])),
    (w) => { const draft = w.draft(); return {token: `${w.token(draft)}\r`, words: w.implied(draft, 'accepted')}; },
    (w) => { const draft = w.draft(); return {token: w.token(draft), words: w.implied(draft, 'accepted')}; },
    (w) => ({token: `${messageOf({alg: 'none'}, w.draft().payload)}.`, words: ['malformed']}),
    emptyPayload,
    headerOf(3072, true), headerOf(3073, false), tokenOf(65536, true), tokenOf(65537, false),
];
