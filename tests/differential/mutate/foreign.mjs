// Good signatures of something else: by another key, by another algorithm, with a secret that is
// public, over another message.
import crypto from 'node:crypto';

import {b64, unb64} from '../numbers.mjs';
import {algorithms, keyObject, messageOf, publicJwk, sign} from '../sign.mjs';

const strangers = {rsa: 'rsa_other', p256: 'p256_other', p384: 'p384_other', p521: 'p521_other',
    ed25519: 'ed25519_other',
    ed448: 'ed448_other'};

// The draft's message, signed by whoever; `header` has other members.
const signedBy = (choose, word = 'signature', header = () => ({})) => (w) => {
    const draft = w.draft();
    const message = messageOf({...draft.header, ...header(draft)}, draft.payload);
    const {alg, key} = choose(draft, w);
    return {token: w.seal(message, alg, key), words: w.implied(draft, word)};
};
const stranger = ({alg, key}) => ({alg, key: strangers[key]});
const anybody = ({alg, key}, w) => w.pick(algorithms.filter((other) => other.key !== key && other.alg !== alg));

// Another algorithm of the same key.
function sibling(w) {
    const ofRsa = algorithms.filter(({key}) => key === 'rsa');
    const draft = w.draft(w.pick(ofRsa));
    const {alg} = w.pick(ofRsa.filter((other) => other.alg !== draft.alg));
    return {token: w.token(draft, {alg}), words: w.implied(draft, 'signature')};
}

// What a confused library takes for the secret of an HMAC (CVE-2015-9235).
const secrets = [
    (key) => crypto.createPublicKey(keyObject(key)).export({format: 'pem', type: 'spki'}),
    (key) => crypto.createPublicKey(keyObject(key)).export({format: 'pem', type: 'spki'}).trimEnd(),
    (key) => crypto.createPublicKey(keyObject(key)).export({format: 'der', type: 'spki'}),
    (key) => JSON.stringify(publicJwk(key)),
    (key) => unb64(publicJwk(key).n ?? publicJwk(key).x), (key) => publicJwk(key).n ?? publicJwk(key).x,
    () => '', () => 'secret', (key) => key,
];
const hmac = (bits, secret, message) => crypto.createHmac(`sha${bits}`, secret).update(message).digest('base64url');
const byHmac = (named) => (w) => {
    const draft = w.draft();
    const bits = w.pick([256, 384, 512]);
    const message = messageOf(named ? {...draft.header, alg: `HS${bits}`} : draft.header, draft.payload);
    return {token: `${message}.${hmac(bits, w.pick(secrets)(draft.key), message)}`,
        words: named ? ['alg'] : w.implied(draft, 'signature')};
};

// The signature of one message under another.
const over = (make) => (w) => {
    const draft = w.draft();
    const message = messageOf(draft.header, draft.payload);
    const signature = sign(draft.alg, draft.key, make(message, draft, w), w.chance);
    return {token: `${message}.${b64(signature)}`, words: w.implied(draft, 'signature')};
};
const decoded = (message) => message.split('.').map((part) => unb64(part).toString('latin1')).join('.');
const digest = (hash, form) => (message) => crypto.createHash(hash).update(message).digest(form);

const unsigned = (signature) => (w) => {
    const {header, payload} = w.draft();
    const alg = w.pick(['none', 'None', 'NONE', 'nOnE']);
    const word = signature === '' ? 'malformed' : 'alg';
    return {token: `${messageOf({...header, alg}, payload)}.${signature}`, words: [word]};
};

export const foreign = [
    ...Array(8).fill(signedBy(stranger)), ...Array(6).fill(signedBy(anybody)), ...Array(6).fill(sibling),
    ...Array(4).fill(byHmac(true)), ...Array(4).fill(byHmac(false)),
    signedBy(stranger, 'header', ({key}) => ({jwk: publicJwk(strangers[key])})),
    signedBy(stranger, 'signature', () => ({jku: 'https://evil.example/jwks', x5u: 'https://evil.example/cert'})),
    signedBy(stranger, 'signature', ({key}) => ({x5c: [crypto.createPublicKey(keyObject(strangers[key])).export(
        {format: 'der', type: 'spki'}).toString('base64')]})),
    signedBy(stranger, 'unknown_key', ({key}) => ({kid: strangers[key]})),
    signedBy((draft) => draft, 'unknown_key', ({key}) => ({kid: strangers[key]})),
    over((message) => `${message}=`), over((message) => message.split('.')[1]),
    over((message) => message.split('.')[0]),
    over(decoded), over((message) => message.replace('.', '')), over((message) => message.toLowerCase()),
    over(() => ''),
    over((message) => `${message.split('.')[0]}.${unb64(message.split('.')[1]).toString('latin1')}`),
    over((message, {header, payload}) => messageOf({...header, typ: 'x'}, payload)),
    over((message, {header, payload}) => messageOf(header, {...payload, sub: '249'})),
    over(digest('sha256', 'latin1')), over(digest('sha512', 'latin1')), over(digest('sha256', 'hex')),
    unsigned(''), unsigned('AA'), unsigned(b64('none')),
];
