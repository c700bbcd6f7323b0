// The numbers in a signature: r and s of ECDSA, the padded message of RSA, the point and the scalar
// of EdDSA.
import crypto from 'node:crypto';

import {ed25519, ed25519ctx, ed25519ph} from '@noble/curves/ed25519';
import {ed448, ed448ph} from '@noble/curves/ed448';
import {sha512} from '@noble/hashes/sha2';
import {shake256} from '@noble/hashes/sha3';

import {bitsOf, fromInt, fromIntLE, mod, toInt, toIntLE, unb64} from '../numbers.mjs';
import {digestInfo, ecdsa, hashOf, joined, order25519, order448, pkcs1, privateKeys, pss, rsaRaw, rsaWidth,
    sign} from '../sign.mjs';
import {flip, sealed} from './signature.mjs';

const cut = (n, width) => mod(n, 1n << BigInt(width * 8)); // what has no room falls off
const put = (bytes, index, value) => { const copy = Buffer.from(bytes); copy[index] = value; return copy; };

// ---- ECDSA -------------------------------------------------------------------------------------

function der({r, s}) {
    const integer = (n) => {
        const bytes = fromInt(n);
        const body = bytes[0] & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
        return Buffer.concat([Buffer.from([2, body.length]), body]);
    };
    const body = Buffer.concat([integer(r), integer(s)]);
    return Buffer.concat([Buffer.from(body.length > 127 ? [0x30, 0x81, body.length] : [0x30, body.length]), body]);
}

// `change` makes other numbers, or other bytes, of a good pair.
const ec = (change, word) => sealed('ES', (message, {key}, w) => {
    const pair = ecdsa(key, message, w.chance);
    const made = change(pair, w);
    return Buffer.isBuffer(made) ? made : joined({...pair, ...made});
}, word);

const wrongPairs = [
    () => ({r: 0n}), () => ({s: 0n}), () => ({r: 0n, s: 0n}), // CVE-2022-21449
    ({n}) => ({r: n}), ({n}) => ({s: n}), ({n}) => ({r: n, s: n}), ({n}) => ({r: n - 1n, s: n - 1n}),
    () => ({r: 1n, s: 1n}), () => ({r: 1n, s: 0n}), ({n, r}) => ({r: n - r}),
    ({r, s}) => ({r: s, s: r}), ({r}) => ({s: r}), ({s}) => ({r: s}),
    ({r}) => ({r: r ^ 1n}), ({s}) => ({s: s ^ 1n}), ({s}) => ({s: s >> 1n}),
    // one more than the order, where that has room: P-521
    ({n, s, width}) => ({s: cut(s + n, width)}), ({n, r, width}) => ({r: cut(r + n, width)}),
    // the right numbers in the wrong way
    der, der, (pair) => Buffer.concat([joined(pair), Buffer.alloc(2)]),
    (pair) => joined({...pair, width: pair.width + 1}), (pair) => joined(pair).subarray(0, 2 * pair.width - 2),
    ({r, s, width}) => Buffer.concat([fromIntLE(r, width), fromIntLE(s, width)]),
];
const ecCards = [
    ...wrongPairs.map((change) => ec(change)),
    ec(({n, s}) => ({s: n - s}), 'accepted'), // of the negated point: ECDSA has two signatures
    sealed('ES', (message, {key}, w) => joined(ecdsa(key, message, w.chance, w.pick(['sha1', 'sha3-256'])))),
];

// ---- RSA ---------------------------------------------------------------------------------------

const raw = (change) => sealed('rsa', (message, {alg, key}, w) => {
    const n = toInt(unb64(privateKeys[key].n));
    const width = rsaWidth(key);
    return fromInt(change(toInt(sign(alg, key, message.toString('latin1'), w.chance)), n, width), width);
});

// The private key's answer to a padded message of any kind.
const padded = (family, make, word) => sealed(family, (message, {alg, key}, w) => {
    const hash = hashOf(alg);
    return rsaRaw(key, make({message, w, hash, width: rsaWidth(key), bits: bitsOf(toInt(unb64(privateKeys[key].n))),
        info: digestInfo(hash, message), size: Number(alg.slice(2)) / 8}));
}, word);

// DigestInfo without the NULL behind the digest's name: RFC 8017 B.1 lets nobody write it.
function withoutNull(info) {
    const position = info.indexOf(Buffer.from([0x05, 0x00]));
    const shorter = Buffer.concat([info.subarray(0, position), info.subarray(position + 2)]);
    return put(put(shorter, 1, info[1] - 2), 3, info[3] - 2);
}
// The digest in front, anything behind (Bleichenbacher, 2006).
const stuffed = (width, info, stuff) =>
    Buffer.concat([pkcs1(11 + info.length, info, 8), stuff(width - 11 - info.length)]);

const pkcs1Cards = [
    [({width, info}) => pkcs1(width, info), 'accepted'],
    [({width, info}) => pkcs1(width, withoutNull(info))],
    [({width, info}) => stuffed(width, info, (length) => Buffer.alloc(length))],
    [({width, info, w}) => stuffed(width, info, (length) => w.bytes(length))],
    [({width, info}) => pkcs1(width, info, width - info.length - 4)],
    [({width, message, hash}) => pkcs1(width, crypto.createHash(hash).update(message).digest())],
    [({width, message, hash}) => pkcs1(width, digestInfo(hash === 'sha256' ? 'sha512' : 'sha256', message))],
    [({width, info}) => put(pkcs1(width, info), 1, 0)], [({width, info}) => put(pkcs1(width, info), 1, 2)],
    [({width, info}) => put(pkcs1(width, info), 5, 0xfe)], [({width, info}) => put(pkcs1(width, info), 5, 0)],
    [({width, info}) => put(pkcs1(width, info), width - info.length - 1, 1)],
    [({width, info}) => put(pkcs1(width, info), width - info.length + 1, info[1] + 1)],
    [({width, info, w}) => flip(pkcs1(width, info), w.random(width - 1) + 1, w.random(8))],
    [({width, info, w}) => flip(pkcs1(width, info), width - 1 - w.random(info.length), w.random(8))],
].map(([make, word]) => padded('RS', make, word));

const salted = (length, options) => ({bits, hash, message, w, size}) =>
    pss(bits, hash, message, w.bytes(length(size)), options);
const pssCards = [
    [salted((size) => size), 'accepted'],
    [salted(() => 0)], [salted(() => 1)], [salted(() => 20)], [salted((size) => size - 1)],
    [salted((size) => size + 1)],
    [salted((size) => 256 - size - 2)], // as long as there is room
    [salted((size) => size, {trailer: 0xcc})], [salted((size) => size, {mgf: 'sha1'})],
    [salted((size) => size, {mgf: 'sha3-256'})],
    [(m) => flip(salted((size) => size)(m), 1 + m.w.random(254), m.w.random(8))],
    [(m) => flip(salted((size) => size)(m), 1 + m.w.random(254), m.w.random(8))],
    [(m) => flip(salted((size) => size)(m), 255 - m.w.random(m.size), m.w.random(8))],
].map(([make, word]) => padded('PS', make, word));

const rsaCards = [
    raw(() => 0n), raw(() => 1n), raw((s, n) => n - 1n), raw((s, n) => n), raw((s, n) => n - s), raw((s) => s ^ 1n),
    raw((s, n, width) => cut(s + n, width)), raw((s) => s + 1n), raw((s) => s >> 8n), raw((s, n) => s * s % n),
    ...pkcs1Cards, ...pssCards,
];

// ---- EdDSA -------------------------------------------------------------------------------------

const order4 = Buffer.alloc(57); // (1, 0)
const order8 = Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex');
const edwards = {
    ed25519: {width: 32, order: order25519, Point: ed25519.Point, torsion: order8, hash: (bytes) => sha512(bytes),
        clamp: (h) => { h[0] &= 248; h[31] = (h[31] & 127) | 64; }, expand: (d) => sha512(d)},
    ed448: {width: 57, order: order448, Point: ed448.Point, torsion: order4,
        hash: (bytes) => shake256(Buffer.concat([Buffer.from('SigEd448\0\0', 'latin1'), bytes]), {dkLen: 114}),
        clamp: (h) => { h[0] &= 252; h[55] |= 128; h[56] = 0; }, expand: (d) => shake256(d, {dkLen: 114})},
};

const okp = (change, word) => Object.keys(edwards).map((name) => sealed(name, (message, {key}, w) => {
    const {width, order} = edwards[name];
    const good = Buffer.from(sign('EdDSA', key, message.toString('latin1')));
    const [r, s] = [good.subarray(0, width), toIntLE(good.subarray(width))];
    const made = {r, s, ...change({r, s, width, order, w})};
    return Buffer.concat([made.r, fromIntLE(cut(made.s, width), width)]);
}, word));

// R with a point of small order added, S to match: good by the equation that multiplies by the
// cofactor. RFC 8032 allows both; OpenSSL takes the one for Ed25519 and the other for Ed448. Only the
// owner of the key can do this, so it is nobody's forgery.
const twisted = (name, word) => sealed(name, (message, {key}, w) => {
    const {width, order, Point, torsion, hash, clamp, expand} = edwards[name];
    const half = Buffer.from(expand(unb64(privateKeys[key].d))).subarray(0, width);
    clamp(half);
    const nonce = 1n + mod(toInt(w.bytes(64)), order - 1n);
    const r = Point.BASE.multiplyUnsafe(nonce).add(Point.fromHex(torsion, true)).toBytes();
    const k = toIntLE(hash(Buffer.concat([r, unb64(privateKeys[key].x), message])));
    return Buffer.concat([r, fromIntLE(mod(nonce + k * toIntLE(half), order), width)]);
}, word);
const withTorsion = [twisted('ed25519', 'signature'), twisted('ed448', 'accepted')];

const variant = (name, make) => sealed(name, (message, {key}) => Buffer.from(make(message, unb64(privateKeys[key].d))));
const context = {context: Buffer.from('x')};

const wrongNumbers = [
    ({s, order}) => ({s: s + order}), ({s, order}) => ({s: s + 7n * order}), ({order}) => ({s: order}),
    () => ({s: 0n}), () => ({s: 1n}), ({s, order}) => ({s: order - s}), ({s}) => ({s: s ^ 1n}),
    ({s, width}) => ({s: s | (1n << BigInt(width * 8 - 1))}), ({s, width}) => ({s: s | (7n << BigInt(width * 8 - 3))}),
    ({r, width}) => ({r: flip(Buffer.from(r), width - 1, 7)}), ({r}) => ({r: Buffer.from(r).reverse()}),
    ({width}) => ({r: Buffer.alloc(width)}), ({width}) => ({r: Buffer.alloc(width, 0xff)}),
    ({width, w}) => ({r: w.bytes(width)}), ({width}) => ({r: put(Buffer.alloc(width), 0, 1)}),
    ({width}) => ({r: put(Buffer.alloc(width), 0, 1), s: 0n}),
    ({r, s, width}) => ({r: fromIntLE(s, width), s: toIntLE(r)}),
];
const okpCards = [
    ...okp(() => ({}), 'accepted'), ...wrongNumbers.flatMap((change) => okp(change)), ...withTorsion, ...withTorsion,
    variant('ed25519', (message, d) => ed25519ph.sign(message, d)),
    variant('ed25519', (message, d) => ed25519ctx.sign(message, d, context)),
    variant('ed448', (message, d) => ed448ph.sign(message, d)),
    variant('ed448', (message, d) => ed448.sign(message, d, context)),
];

export const numbers = [...ecCards, ...rsaCards, ...okpCards];
