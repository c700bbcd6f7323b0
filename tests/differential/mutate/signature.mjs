// The bytes of a signature, whatever they mean.
import {b64} from '../numbers.mjs';
import {algorithms, messageOf, sign} from '../sign.mjs';

const isOf = (family) => ({alg, key}) => family === undefined || alg.startsWith(family) || key === family;

// A draft of one of these algorithms (RS, ES ..., or the name of a key) with a signature made from
// its message; `word` is what must come of it.
export const sealed = (family, make, word = 'signature') => (w) => {
    const draft = w.draft(w.pick(algorithms.filter(isOf(family))));
    const message = messageOf(draft.header, draft.payload);
    const signature = make(Buffer.from(message), draft, w);
    const words = signature.length === 0 || signature.length > 1024 ? ['malformed'] : [word].flat();
    return {token: `${message}.${b64(signature)}`, words: w.implied(draft, ...words)};
};

const changed = (change) => sealed(undefined, (message, {alg, key}, w) =>
    change(Buffer.from(sign(alg, key, message.toString('latin1'), w.chance)), w));
export const flip = (bytes, at, bit) => { bytes[at] ^= 1 << bit; return bytes; };

export const signatureBytes = [
    ...Array(12).fill(changed((s, w) => flip(s, w.random(s.length), w.random(8)))),
    changed((s) => flip(s, 0, 7)), changed((s) => flip(s, s.length - 1, 0)), changed((s) => flip(s, s.length >> 1, 0)),
    changed((s, w) => s.subarray(0, w.random(s.length))), changed((s) => s.subarray(0, s.length - 1)),
    changed((s) => s.subarray(1)), changed((s) => s.subarray(0, s.length / 2)), changed((s) => s.subarray(0, 0)),
    changed((s) => s.subarray(0, 1)),
    changed((s, w) => Buffer.concat([s, w.bytes(1 + w.random(9))])),
    changed((s) => Buffer.concat([s, Buffer.alloc(1)])),
    changed((s) => Buffer.concat([Buffer.alloc(1), s])), changed((s) => Buffer.concat([s, s])),
    changed((s) => Buffer.concat([s, Buffer.alloc(1025 - s.length)])),
    changed((s) => Buffer.concat([s, Buffer.alloc(8000)])),
    changed((s) => Buffer.alloc(s.length)), changed((s) => Buffer.alloc(s.length, 0xff)),
    changed((s) => Buffer.from(s).reverse()), changed((s, w) => w.bytes(s.length)),
    changed((s) => s.map((byte) => byte ^ 0xff)),
    changed((s) => Buffer.concat([s.subarray(s.length / 2), s.subarray(0, s.length / 2)])),
    changed((s) => Buffer.concat([s.subarray(0, s.length / 2), s.subarray(0, s.length / 2)])),
    changed((s) => Buffer.from(s.toString('hex'))), changed((s) => Buffer.from(b64(s))),
    changed((s, w) => { const [i, j] = [w.random(s.length), w.random(s.length)]; [s[i], s[j]] = [s[j],
        s[i] ^ 1]; return s; }),
];
