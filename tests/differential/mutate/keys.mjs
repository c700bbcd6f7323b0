// Keys: the members of a JWK, and its numbers. A card makes a key set and tokens to try it with.
import {Point25519, Point448, forgery} from './smallorder.mjs';
import {b64, fromInt, toInt, unb64} from '../numbers.mjs';
import {privateKeys, publicJwk} from '../sign.mjs';
import {goodKeys, keyNames} from '../workshop.mjs';
import {junk} from './header.mjs';

export const setOf = (keys) => Buffer.from(JSON.stringify({keys}));

// The good keys with this one in its place; its own tokens, which must become `words` (without a kid
// EdDSA has two keys to choose from), and one that has nothing to do with it.
function trying(w, jwk, {name, signer = name, words}) {
    const keys = goodKeys.map((good) => (good.kid === name ? jwk : good));
    const other = w.pick(w.witnesses(w.pick(w.enabledKeys.filter((key) => key !== name))).filter(({kid}) => kid));
    const own = w.someWitnesses(signer, name).map(({token, kid, alg}) =>
        ({token, words: kid || alg !== 'EdDSA' ? words : undefined}));
    return {bytes: setOf(keys), tokens: [...own, {token: other.token, words: words && ['accepted']}]};
}


// `change` of one key of this family.
const changed = (change, word, family) => (w) => {
    const name = w.pick(keyNames.filter((key) => family === undefined || key.startsWith(family)));
    const jwk = {...publicJwk(name), ...change(publicJwk(name), w, name)};
    return trying(w, JSON.parse(JSON.stringify(jwk)), {name, words: word === undefined ? undefined : [word]});
};
const unusable = (change, family) => changed(change, 'unknown_key', family);
const fine = (change, family) => changed(change, 'accepted', family);

// ---- members -----------------------------------------------------------------------------------

const names = ['kty', 'crv', 'n', 'e', 'x', 'y', 'kid', 'use', 'key_ops', 'alg', 'd', 'p', 'k', 'oth', 'x5c', 'x5u',
    'ext', 'x5t', 'Use',
    'KTY', '__proto__', 'toString'];
const values = [...junk, 'sig', 'enc', 'verify', ['verify'], ['sign'], ['sign', 'verify'], 'RSA', 'EC', 'OKP', 'oct',
    'P-256', 'P-384',
    'P-521', 'secp256k1', 'Ed25519', 'Ed448', 'X25519', 'AQAB', 'Aw', 'AA', 'rsa', 'p256', 'RS256', 'ES256', 'EdDSA',
    'HS256'];
const anything = (count) => changed((jwk, w) => Object.fromEntries(Array.from({length: count}, () =>
    [w.pick(w.percent(60) ? Object.keys(jwk) : names), w.percent(15) ? undefined : w.pick(values)])));

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

// A key that names one of its algorithms.
function pinned(w) {
    const name = w.pick(w.enabledKeys);
    const {alg} = w.pick(w.witnesses(name));
    const {bytes} = trying(w, {...publicJwk(name), alg}, {name});
    const tokens = w.witnesses(name).filter(({kid}) => kid).map((witness) =>
        ({token: witness.token, words: [witness.alg === alg ? 'accepted' : 'unknown_key']}));
    return {bytes, tokens};
}

export const members = [
    ...Array(30).fill(anything(1)), ...Array(20).fill(anything(2)),
    ...['use', 'key_ops', 'x5c', 'x5u', 'x5t', 'ext', 'iat',
        'x5t#S256'].map((name) => fine(() => ({[name]: undefined}))),
    ...['x5c', 'x5u', 'x5t', 'ext', 'revoked', 'Use'].flatMap((name) =>
        [null, 'x', []].map((value) => fine(() => ({[name]: value})))),
    fine(() => ({use: 'sig'})), fine(() => ({key_ops: ['verify']})), fine(() => ({key_ops: ['sign', 'verify', null]})),
    ...['enc', 'SIG', 'sig ', '', null, 0, true, ['sig'], {}].map((use) => unusable(() => ({use}))),
    ...[[], ['sign'], ['Verify'], [['verify']], 'verify', null, true, {verify: true},
        {0: 'verify'}].map((ops) => unusable(() => ({key_ops: ops}))),
    ...['RS257', 'none', 'HS256', 'RSA-OAEP', 'ECDH-ES', '', null, 0, true, ['RS256'],
        {}].map((alg) => unusable(() => ({alg}))),
    ...privateMembers.flatMap((name) => [null, '', 'AQAB', 0].map((value) => unusable(() => ({[name]: value})))),
    ...keyNames.map((name) => unusable(() => ({d: privateKeys[name].d}))),
    ...Array(6).fill(pinned),
    unusable(() => ({alg: 'ES256'}), 'rsa'), unusable(() => ({alg: 'RS256'}), 'p'),
    unusable(() => ({alg: 'ES384'}), 'p256'),
    unusable(() => ({alg: 'Ed448'}), 'ed25519'), unusable(() => ({alg: 'Ed25519'}), 'ed448'),
    ...[0, null, true, ['rsa'], {}, 'x'.repeat(257)].map((kid) => unusable(() => ({kid}))),
    ...['', 'x', 'x'.repeat(256), 'RSA', 'rsa\u0000'].map((kid) => changed(() => ({kid}))),
    changed(() => ({kid: undefined})), changed(() => ({kid: undefined})),
    ...['kty', 'n', 'e'].map((name) => unusable(() => ({[name]: undefined}), 'rsa')),
    ...['kty', 'crv', 'x', 'y'].map((name) => unusable(() => ({[name]: undefined}), 'p')),
    ...['kty', 'crv', 'x'].map((name) => unusable(() => ({[name]: undefined}), 'ed')),
    ...['rsa', 'RSA-PSS', 'EC', 'OKP', 'oct', 'AKP', '', null].map((kty) => unusable(() => ({kty}), 'rsa')),
    ...['p-256', 'P256', 'secp256r1', 'secp256k1', 'P-224', '', null, ['P-256'],
        'Ed25519'].map((crv) => unusable(() => ({crv}), 'p')),
    ...['X25519', 'X448', 'ed25519', 'P-256', '', null, ['Ed25519']].map((crv) => unusable(() => ({crv}), 'ed')),
    unusable(() => ({crv: 'P-384'}), 'p256'), unusable(() => ({crv: 'P-256'}), 'p521'),
    unusable(() => ({crv: 'Ed448'}), 'ed25519'),
];

// ---- numbers -----------------------------------------------------------------------------------

// Another private key's public part in place of this one, and what that key signed.
const replaced = (signer, name, word) => (w) => trying(w, publicJwk(signer, name), {name, signer, words: [word]});

const number = (member, change, word, family) => changed((jwk, w) =>
    ({[member]: b64(change(unb64(jwk[member]), w, jwk))}), word, family);
const zeros = (count) => (bytes) => Buffer.concat([Buffer.alloc(count), bytes]);
const plus = (delta) => (bytes) => fromInt(toInt(bytes) + delta);
const value = (n) => () => fromInt(n);
const flipped = (bytes, w) =>
    { const copy = Buffer.from(bytes); copy[w.random(copy.length)] ^= 1 << w.random(8); return copy; };

const spellings = [
    (text) => `${text}=`, (text) => `${text}==`, (text) =>
        `${text}A`.padEnd(text.length + ((5 - (text.length % 4)) % 4), 'A'),
    (text, w) => { const at = w.random(text.length); return `${text.slice(0, at)}${w.pick([' ', '\n', '%', '\u00e9', '.', '='])}${text.slice(at)}`; },
    (text) => ` ${text}`, (text) => `${text}\n`,
    (text) => unb64(text).toString('base64').padEnd(text.length + 1, '='),
];
const spelt = [['n', 'rsa'], ['e', 'rsa'], ['x', 'p'], ['y', 'p'], ['x', 'ed']].flatMap(([member, family]) =>
    spellings.map((spell) => unusable((jwk, w) => ({[member]: spell(jwk[member], w)}), family)));

const primes = {p256: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    p384: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    p521: 2n ** 521n - 1n};
const negated = ['p256', 'p384', 'p521'].map((name) => changed((jwk) =>
    ({y: b64(fromInt(primes[name] - toInt(unb64(jwk.y)), unb64(jwk.y).length))}), 'signature', name));

const rsaNumbers = [
    ...[['rsa_other', 'accepted'], ['rsa4096', 'accepted'], ['rsa8192', 'accepted'], ['rsa_e32', 'accepted'],
        ['rsa1024', 'unknown_key'],
        ['rsa2047', 'unknown_key'], ['rsa8200', 'unknown_key'], ['rsa_e3', 'unknown_key'], ['rsa_e33', 'unknown_key'],
        ['rsa_roca', 'unknown_key'], ['rsa_prime', 'unknown_key']].map(([signer, word]) =>
            replaced(signer, 'rsa', word)),
    number('n', zeros(1), 'accepted', 'rsa'), number('n', zeros(7), 'accepted', 'rsa'),
    number('e', zeros(1), 'accepted', 'rsa'),
    number('e', zeros(13), 'accepted', 'rsa'), number('e', zeros(14), 'unknown_key', 'rsa'),
    number('n', zeros(776), 'accepted', 'rsa'),
    number('n', zeros(777), 'unknown_key', 'rsa'), number('n', zeros(9000), 'unknown_key', 'rsa'),
    number('n', plus(2n), 'signature', 'rsa'), number('n', plus(1n), 'unknown_key', 'rsa'),
    number('n', plus(-1n), 'unknown_key', 'rsa'),
    number('n', (n) => Buffer.concat([n, Buffer.alloc(1)]), 'unknown_key', 'rsa'),
    number('n', (n) => n.subarray(1), 'unknown_key', 'rsa'),
    number('n', () => Buffer.alloc(0), 'unknown_key', 'rsa'), number('n', value(0n), 'unknown_key', 'rsa'),
    number('n', value(2n ** 2047n + 1n), 'signature', 'rsa'),
    number('n', (n) => Buffer.concat([n, n, n, n, n]), 'unknown_key', 'rsa'),
    number('n', flipped, undefined, 'rsa'), number('n', flipped, undefined, 'rsa'),
    number('n', (n) => Buffer.from(n).reverse(), undefined, 'rsa'),
    ...[0n, 1n, 2n, 3n, 17n, 65535n, 65536n, 65538n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 64n + 1n, 2n ** 127n + 1n,
        2n ** 2000n + 1n].map(
        (e) => number('e', value(e), 'unknown_key', 'rsa')),
    ...[65539n, 2n ** 31n + 1n, 2n ** 32n - 1n].map((e) => number('e', value(e), 'signature', 'rsa')),
    changed(({n}) => ({n: unb64(n).toString('hex')}), undefined, 'rsa'), unusable(({n, e}) => ({n: e, e: n}), 'rsa'),
    number('e', (e) => Buffer.from(e.toString('hex')), 'unknown_key', 'rsa'),
];

const ecNumbers = [
    replaced('p256_other', 'p256', 'accepted'), replaced('p256_zero', 'p256', 'accepted'),
    replaced('p384_other', 'p384', 'accepted'),
    replaced('p521_other', 'p521', 'accepted'),
    ...['x', 'y'].flatMap((member) => [
        number(member, zeros(1), 'unknown_key', 'p'), number(member, (n) => n.subarray(1), 'unknown_key', 'p'),
        number(member, flipped, 'unknown_key', 'p'), number(member, flipped, 'unknown_key', 'p'),
        number(member, () => Buffer.alloc(0), 'unknown_key', 'p'),
        number(member, (n) => Buffer.alloc(n.length), 'unknown_key', 'p'),
        number(member, (n) => Buffer.alloc(n.length, 0xff), 'unknown_key', 'p'),
        number(member, (n) => Buffer.concat([n, n]), 'unknown_key', 'p'),
        number(member, (n) => Buffer.from(n).reverse(), 'unknown_key', 'p'),
        number(member, (n) => fromInt(toInt(n) + primes.p521, 66), 'unknown_key', 'p521'), // there is room for it
    ]),
    // coordinates whose first byte is zero, without it
    (w) => trying(w, {...publicJwk('p256_zero', 'p256'), x: b64(unb64(privateKeys.p256_zero.x).subarray(1))},
        {name: 'p256', signer: 'p256_zero', words: ['unknown_key']}),
    (w) => trying(w, {...publicJwk('p521'), x: b64(unb64(privateKeys.p521.x).subarray(1))},
        {name: 'p521', words: ['unknown_key']}),
    ...negated, unusable(({x, y}) => ({x: y, y: x}), 'p'), unusable(({x}) => ({y: x}), 'p'),
    unusable(({x}) => ({x: b64(zeros(16)(unb64(x))), y: b64(zeros(16)(unb64(x))), crv: 'P-384'}), 'p256'),
    unusable(() => ({x: privateKeys.secp256k1.x, y: privateKeys.secp256k1.y}), 'p256'),
    unusable(() => ({x: b64(Buffer.alloc(32)), y: b64(Buffer.alloc(32))}), 'p256'), // infinity, some write
];

const okpNumbers = [
    replaced('ed25519_other', 'ed25519', 'accepted'), replaced('ed448_other', 'ed448', 'accepted'),
    number('x', flipped, undefined, 'ed'), number('x', flipped, undefined, 'ed'),
    number('x', (x, w) => w.bytes(x.length), undefined, 'ed'),
    number('x', (x) => { const copy = Buffer.from(x); copy[copy.length - 1] ^= 0x80; return copy; }, 'signature', 'ed'),
    number('x', (x) => { const copy = Buffer.from(x); copy[56] |= 0x40; return copy; }, 'unknown_key', 'ed448'),
    number('x', zeros(1), 'unknown_key', 'ed'), number('x', (x) => x.subarray(1), 'unknown_key', 'ed'),
    number('x', (x) => x.subarray(0, x.length - 1), 'unknown_key', 'ed'),
    number('x', () => Buffer.alloc(0), 'unknown_key', 'ed'),
    number('x', (x) => Buffer.concat([x, x]), 'unknown_key', 'ed'),
    number('x', (x) => Buffer.concat([x, Buffer.alloc(1)]), 'unknown_key', 'ed'),
    unusable(() => ({x: privateKeys.ed448.x}), 'ed25519'), unusable(() => ({x: privateKeys.ed25519.x}), 'ed448'),
    unusable(() => ({x: privateKeys.x25519.x, crv: 'X25519'}), 'ed25519'),
    ...Point25519.map((x) => forged('ed25519', x)), ...Point448.map((x) => forged('ed448', x)),
];

// A key of small order, or a second spelling of one, and signatures that OpenSSL finds good.
function forged(name, x) {
    return (w) => {
        const {bytes} = trying(w, {...publicJwk(name), x: b64(x)}, {name});
        const alg = name === 'ed25519' ? w.pick(['EdDSA', 'Ed25519']) : w.pick(['EdDSA', 'Ed448']);
        const word = w.profile.algorithms.includes(alg) ? 'unknown_key' : 'alg';
        return {bytes, tokens: [{token: forgery(w, {alg, key: name}, x), words: [word]}]};
    };
}

export const keyNumbers = [...rsaNumbers, ...ecNumbers, ...okpNumbers, ...spelt];
