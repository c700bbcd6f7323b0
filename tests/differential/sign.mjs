// Signatures, good ones and any other: everything that is usually random comes from the caller, and
// every step (the padded message, r and s) can be had by itself to be spoilt.
import crypto from 'node:crypto';
import fs from 'node:fs';

import {b64, bitsOf, fromInt, inverse, mod, power, toInt, unb64} from './numbers.mjs';

export const privateKeys = JSON.parse(fs.readFileSync(new URL('keys.json', import.meta.url)));

// What a token may be signed with: name of the algorithm, its key, and how the key is called.
export const algorithms = [
    ['RS256', 'rsa'], ['RS384', 'rsa'], ['RS512', 'rsa'], ['PS256', 'rsa'], ['PS384', 'rsa'], ['PS512', 'rsa'],
    ['ES256', 'p256'], ['ES384', 'p384'], ['ES512', 'p521'], ['EdDSA', 'ed25519'], ['Ed25519', 'ed25519'],
    ['EdDSA', 'ed448'], ['Ed448', 'ed448'],
].map(([alg, key]) => ({alg, key}));

export function publicJwk(name, kid = name) {
    const {kty, crv, n, e, x, y} = privateKeys[name];
    return JSON.parse(JSON.stringify({kty, crv, n, e, x, y, kid}));
}

export const curves = {
    'P-256': {name: 'prime256v1', width: 32, hash: 'sha256',
        n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n},
    'P-384': {name: 'secp384r1', width: 48, hash: 'sha384',
        n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n},
    'P-521': {name: 'secp521r1', width: 66, hash: 'sha512',
        n: 2n ** 521n - 657877501894328237357444332315020117536923257219387276263472201219398408051703n},
    secp256k1: {name: 'secp256k1', width: 32, hash: 'sha256',
        n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n},
};
export const order25519 = 2n ** 252n + 27742317777372353535851937790883648493n;
export const order448 = 2n ** 446n - 13818066809895115352007386748515426880336692474882178609894547503885n;

const digest = (hash, ...parts) => parts.reduce((h, part) => h.update(part), crypto.createHash(hash)).digest();
export const hashOf = (alg) => `sha${alg.slice(2)}`;

// ---- RSA, RFC 8017 -----------------------------------------------------------------------------

const prefixes = { // of DigestInfo, 9.2 note 1
    sha256: '3031300d060960864801650304020105000420',
    sha384: '3041300d060960864801650304020205000430',
    sha512: '3051300d060960864801650304020305000440',
};
export const digestInfo = (hash, message) =>
    Buffer.concat([Buffer.from(prefixes[hash], 'hex'), digest(hash, message)]);

// 9.2 with any `info`; `fill` bytes of ff, at least 8 and as many as fit unless said otherwise.
export function pkcs1(width, info, fill = width - info.length - 3) {
    const padded = Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(fill, 0xff), Buffer.from([0]), info]);
    return Buffer.concat([padded, Buffer.alloc(width - padded.length)]);
}

function mgf1(hash, seed, length) {
    const blocks = [];
    for (let i = 0; blocks.length * 32 < length + 64; i++) {
        blocks.push(digest(hash, seed, fromInt(BigInt(i), 4)));
    }
    return Buffer.concat(blocks).subarray(0, length);
}

// 9.1.1; `mgf` is the mask's hash, `trailer` the last byte.
export function pss(bits, hash, message, salt, {mgf = hash, trailer = 0xbc} = {}) {
    const length = Math.ceil((bits - 1) / 8);
    const h = digest(hash, Buffer.alloc(8), digest(hash, message), salt);
    const db = Buffer.concat([Buffer.alloc(length - salt.length - h.length - 2), Buffer.from([1]), salt]);
    const mask = mgf1(mgf, h, db.length);
    const masked = Buffer.from(db.map((byte, i) => byte ^ mask[i]));
    masked[0] &= 0xff >> (8 * length - (bits - 1));
    return Buffer.concat([masked, h, Buffer.from([trailer])]);
}

const keyObjects = new Map();
export function keyObject(name) {
    if (!keyObjects.has(name)) {
        keyObjects.set(name, crypto.createPrivateKey({key: privateKeys[name], format: 'jwk'}));
    }
    return keyObjects.get(name);
}

export const rsaWidth = (name) => Math.ceil(bitsOf(toInt(unb64(privateKeys[name].n))) / 8);

// 5.2.1 over bytes that are less than the modulus.
export function rsaRaw(name, padded) {
    const {n, d, p} = privateKeys[name];
    const width = rsaWidth(name);
    const whole = fromInt(toInt(padded), width);
    return p === undefined ? fromInt(power(toInt(padded), toInt(unb64(d)), toInt(unb64(n))), width) :
        crypto.privateEncrypt({key: keyObject(name), padding: crypto.constants.RSA_NO_PADDING}, whole);
}

function rsaSign(alg, name, message, chance) {
    const hash = hashOf(alg);
    const bits = bitsOf(toInt(unb64(privateKeys[name].n)));
    return rsaRaw(name, alg.startsWith('PS') ? pss(bits, hash, message, chance.bytes(Number(alg.slice(2)) / 8)) :
        pkcs1(rsaWidth(name), digestInfo(hash, message)));
}

// ---- ECDSA, FIPS 186-5 6.4.1 -------------------------------------------------------------------

// The leftmost bits of the digest, as many as the order has.
export function digestInt(hash, message, n) {
    const bytes = digest(hash, message);
    return toInt(bytes) >> BigInt(Math.max(0, bytes.length * 8 - bitsOf(n)));
}

export function ecdsa(name, message, chance, hash) {
    const {crv, d} = privateKeys[name];
    const curve = curves[crv];
    const k = 1n + mod(toInt(chance.bytes(curve.width + 8)), curve.n - 1n);
    const ecdh = crypto.createECDH(curve.name);
    ecdh.setPrivateKey(fromInt(k, curve.width));
    const r = mod(toInt(ecdh.getPublicKey().subarray(1, 1 + curve.width)), curve.n);
    const z = digestInt(hash ?? curve.hash, message, curve.n);
    return {r, s: mod(inverse(k, curve.n) * (z + r * toInt(unb64(d))), curve.n), ...curve};
}
export const joined = ({r, s, width}) => Buffer.concat([fromInt(r, width), fromInt(s, width)]);

// ---- all of them -------------------------------------------------------------------------------

export function sign(alg, name, message, chance) {
    const bytes = Buffer.from(message, 'latin1');
    const {kty} = privateKeys[name];
    if (kty === 'RSA') {
        return rsaSign(alg, name, bytes, chance);
    }
    return kty === 'EC' ? joined(ecdsa(name, bytes, chance)) : crypto.sign(null, bytes, keyObject(name));
}

// A header and a payload, as texts of bytes or as objects, made one message.
export const bytesOf = (part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') :
    Buffer.isBuffer(part) ? part : Buffer.from(JSON.stringify(part)));
export const messageOf = (header, payload) => `${b64(bytesOf(header))}.${b64(bytesOf(payload))}`;
