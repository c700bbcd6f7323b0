// Second spellings of base64url in each part of a token, signed over as they stand: whoever decodes
// leniently finds nothing wrong with them.
import {b64, unb64} from '../numbers.mjs';
import {bytesOf} from '../sign.mjs';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const insert = (text, at, more) => text.slice(0, at) + more + text.slice(at);
const somewhere = (more) => (text, w) => insert(text, w.random(text.length + 1), more);

const spellings = [
    (text) => text + '='.repeat((4 - (text.length % 4)) % 4 || 1),
    (text) => `${text}=`, (text) => `${text}==`, (text) => `=${text}`, (text) => `${text}A=`,
    // the other alphabet, where there is something to write in it, and both
    (text) => Buffer.from(unb64(text)).toString('base64').replaceAll('=', ''),
    (text) => Buffer.from(unb64(text)).toString('base64'),
    somewhere('+'), somewhere('/'),
    // spare bits
    (text, w) => text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)) ^ (1 + w.random(3))],
    (text, w) => text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)) ^ (1 + w.random(15))],
    // a length that no encoder makes
    (text) => `${text}A`, (text) => `${text}AAAAA`.slice(0, text.length + 4 - (text.length % 4) + 1),
    somewhere(' '), somewhere('\t'), somewhere('\r'), somewhere('\0'), somewhere('%'), somewhere('\x80'),
    (text) => ` ${text}`, (text) => `${text} `, (text) => `-${text}`,
];

// Same bytes for whom, and same text for whom, is for the judges to say: the card knows only that a
// text which no encoder writes is malformed.
const spelt = (part, spell) => (w) => {
    const draft = w.draft();
    const texts = [draft.header, draft.payload].map((value) => b64(bytesOf(value)));
    if (part < 2) {
        texts[part] = spell(texts[part], w);
    }
    const signed = w.seal(texts.join('.'), draft.alg, draft.key).split('.');
    if (part === 2) {
        signed[2] = spell(signed[2], w);
    }
    const strict = signed.every((text) => b64(unb64(text)) === text);
    return {token: signed.join('.'), words: strict || signed.at(-1).endsWith('\r') ? undefined :
        w.implied(draft, 'malformed')};
};

export const base64url = spellings.flatMap((spell) => [0, 1, 2].map((part) => spelt(part, spell)));
