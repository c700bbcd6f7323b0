// The numbers of a JWK: too small, too large, on no curve, known to everybody, written in another way.
// Where there is a private key to it, the tokens are signed with that.
import {b64, fromInt, toInt, unb64} from '../numbers.mjs';
import {privateKeys, publicJwk} from '../sign.mjs';
import {changed, trying} from './trying.mjs';
import {points25519, points448, forgery} from './smallorder.mjs';

// The public part of `signer` in place of the good key, and what that signed.
const replaced = (name, byWord) => Object.entries(byWord).flatMap(([word, signers]) => signers.map((signer) =>
    (w) => trying(w, publicJwk(signer, name), {name, signer, words: [word]})));

// Changes of the bytes of one number, by what must become of the key's tokens.
const numbers = (family, member, byWord) => Object.entries(byWord).flatMap(([word, changes]) => changes.map((change) =>
    changed(family, (jwk, w) => ({[member]: b64(change(unb64(jwk[member]), w))}), word)));

const zeros = (count) => (bytes) => Buffer.concat([Buffer.alloc(count), bytes]);
const plus = (delta) => (bytes) => fromInt(toInt(bytes) + delta, bytes.length);
const value = (n) => () => fromInt(n);
const put = (index, change) => (bytes) => {
    const copy = Buffer.from(bytes);
    copy[index < 0 ? bytes.length + index : index] = change(bytes.at(index));
    return copy;
};
const flipped = (bytes, w) => put(w.random(bytes.length), (byte) => byte ^ (1 << w.random(8)))(bytes);
const nothing = () => Buffer.alloc(0);
const reversed = (bytes) => Buffer.from(bytes).reverse();
const twice = (bytes) => Buffer.concat([bytes, bytes]);
const headless = (bytes) => bytes.subarray(1);
const tailless = (bytes) => bytes.subarray(0, -1);
const longer = (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]);
const filled = (byte) => (bytes) => Buffer.alloc(bytes.length, byte);

const rsa = [
    ...replaced('rsa', {
        accepted: ['rsa_other', 'rsa4096', 'rsa8192', 'rsa_e32'],
        unknown_key: ['rsa1024', 'rsa2047', 'rsa8200', 'rsa_e3', 'rsa_e33', 'rsa_roca', 'rsa_prime'],
    }),
    ...numbers('rsa', 'n', {
        accepted: [zeros(1), zeros(7), zeros(776)],
        unknown_key: [zeros(777), zeros(9000), plus(1n), plus(-1n), nothing, value(0n), headless, longer,
            (n) => Buffer.concat([n, n, n, n, n])],
        signature: [plus(2n), value(2n ** 2047n + 1n)],
        anything: [flipped, flipped, reversed],
    }),
    ...numbers('rsa', 'e', {
        accepted: [zeros(1), zeros(13)],
        unknown_key: [zeros(14), (e) => Buffer.from(e.toString('hex')), ...[0n, 1n, 2n, 3n, 17n, 65535n, 65536n, 65538n,
            2n ** 32n, 2n ** 32n + 1n, 2n ** 64n + 1n, 2n ** 127n + 1n, 2n ** 2000n + 1n].map(value)],
        signature: [65539n, 2n ** 31n + 1n, 2n ** 32n - 1n].map(value),
    }),
    changed('rsa', ({n, e}) => ({n: e, e: n}), 'unknown_key'),
];

const primes = {
    p256: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    p384: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    p521: 2n ** 521n - 1n,
};
// A coordinate that begins with a zero, without it.
const shortened = (name, signer) => (w) => trying(w, {...publicJwk(signer, name),
    x: b64(headless(unb64(privateKeys[signer].x)))},
    {name, signer, words: ['unknown_key']});
const wide = (text) => b64(zeros(16)(unb64(text)));

const ec = [
    ...replaced('p256', {accepted: ['p256_other', 'p256_zero']}), ...replaced('p384', {accepted: ['p384_other']}),
    ...replaced('p521', {accepted: ['p521_other']}),
    ...['x', 'y'].flatMap((member) => [
        ...numbers('p', member, {unknown_key: [zeros(1), headless, longer, flipped, flipped, nothing, filled(0),
            filled(0xff), twice, reversed]}),
        ...numbers('p521', member, {unknown_key: [plus(primes.p521)]}), // there is room for it
    ]),
    shortened('p256', 'p256_zero'), shortened('p521', 'p521'),
    ...Object.entries(primes).flatMap(([name, prime]) => numbers(name, 'y', {
        signature: [(y) => fromInt(prime - toInt(y), y.length)], // the other point with this x
    })),
    changed('p', ({x, y}) => ({x: y, y: x}), 'unknown_key'), changed('p', ({x}) => ({y: x}), 'unknown_key'),
    changed('p256', ({x, y}) => ({x: wide(x), y: wide(y), crv: 'P-384'}), 'unknown_key'),
    changed('p256', () => ({x: privateKeys.secp256k1.x, y: privateKeys.secp256k1.y}), 'unknown_key'),
    // as some write infinity
    changed('p256', () => ({x: b64(Buffer.alloc(32)), y: b64(Buffer.alloc(32))}), 'unknown_key'),
];

// A key of small order, or a second spelling of one, and a signature that OpenSSL finds good.
const forged = (name, x) => (w) => {
    const {bytes} = trying(w, {...publicJwk(name), x: b64(x)}, {name});
    const alg = w.pick(name === 'ed25519' ? ['EdDSA', 'Ed25519'] : ['EdDSA', 'Ed448']);
    const word = w.profile.algorithms.includes(alg) ? 'unknown_key' : 'alg';
    return {bytes, tokens: [{token: forgery(w, {alg, key: name}, x), words: [word]}]};
};

const okp = [
    ...replaced('ed25519', {accepted: ['ed25519_other']}), ...replaced('ed448', {accepted: ['ed448_other']}),
    ...numbers('ed', 'x', {
        unknown_key: [zeros(1), headless, tailless, longer, nothing, twice],
        signature: [put(-1, (byte) => byte ^ 0x80)], // the other point with this y
        anything: [flipped, flipped, (x, w) => w.bytes(x.length)],
    }),
    ...numbers('ed448', 'x', {unknown_key: [put(-1, (byte) => byte | 0x40)]}),
    changed('ed25519', () => ({x: privateKeys.ed448.x}), 'unknown_key'),
    changed('ed448', () => ({x: privateKeys.ed25519.x}), 'unknown_key'),
    changed('ed25519', () => ({x: privateKeys.x25519.x, crv: 'X25519'}), 'unknown_key'),
    ...points25519.map((x) => forged('ed25519', x)), ...points448.map((x) => forged('ed448', x)),
];

const spellings = [
    (text) => `${text}=`, (text) => `${text}==`, (text) => ` ${text}`, (text) => `${text}\n`,
    (text) => text + 'A'.repeat((5 - (text.length % 4)) % 4 || 4), // of a length that no encoder makes
    (text) => unb64(text).toString('base64').padEnd(text.length + 1, '='),
    (text, w) => {
        const at = w.random(text.length);
        return text.slice(0, at) + w.pick([' ', '\n', '%', '\u00e9', '.', '=']) + text.slice(at);
    },
];
const spelt = [['rsa', 'n'], ['rsa', 'e'], ['p', 'x'], ['p', 'y'], ['ed', 'x']].flatMap(([family, member]) => [
    ...spellings.map((spell) => changed(family, (jwk, w) => ({[member]: spell(jwk[member], w)}), 'unknown_key')),
    changed(family, (jwk) => ({[member]: unb64(jwk[member]).toString('hex')}), 'anything'),
]);

export const keyNumbers = [...rsa, ...ec, ...okp, ...spelt];
