// The bytes of a signature, whatever they mean.
import {b64} from '../numbers.mjs';
import {algorithms, messageOf, sign} from '../sign.mjs';

const isOf = (family) => ({alg, key}) => alg.startsWith(family) || key === family;

// A draft of one of these algorithms (RS, ES ..., or the name of a key) with a signature made from
// its message; `word` is what must come of it, or a list of which one must.
export const sealed = (family, make, word = 'signature') => (w) => {
    const draft = w.draft(w.pick(algorithms.filter(isOf(family))));
    const message = messageOf(draft.header, draft.payload);
    const signature = make(Buffer.from(message), draft, w);
    const words = signature.length === 0 || signature.length > 1024 ? ['malformed'] : [word].flat();
    return {token: `${message}.${b64(signature)}`, words: w.implied(draft, ...words)};
};

export const flip = (bytes, at, bit) => { bytes[at] ^= 1 << bit; return bytes; };
const zeros = (count) => Buffer.alloc(count);
const halves = (s) => [s.subarray(0, s.length / 2), s.subarray(s.length / 2)];
const joined = (...parts) => Buffer.concat(parts);
const anyBit = (s, w) => flip(s, w.random(s.length), w.random(8));
function swapped(s, w) {
    const [i, j] = [w.random(s.length), w.random(s.length)];
    [s[i], s[j]] = [s[j], s[i] ^ 1];
    return s;
}

export const signatureBytes = [
    ...Array(12).fill(anyBit), swapped,
    (s) => flip(s, 0, 7), (s) => flip(s, s.length >> 1, 0), (s) => flip(s, s.length - 1, 0),
    // too short
    (s, w) => s.subarray(0, w.random(s.length)), (s) => s.subarray(0, -1), (s) => s.subarray(1),
    (s) => s.subarray(0, 1), (s) => halves(s)[0], () => zeros(0),
    // too long
    (s, w) => joined(s, w.bytes(1 + w.random(9))), (s) => joined(s, zeros(1)), (s) => joined(zeros(1), s),
    (s) => joined(s, s), (s) => joined(s, zeros(1025 - s.length)), (s) => joined(s, zeros(8000)),
    (s) => Buffer.from(s.toString('hex')), (s) => Buffer.from(b64(s)),
    // of the right length
    (s) => zeros(s.length), (s) => Buffer.alloc(s.length, 0xff), (s, w) => w.bytes(s.length),
    (s) => Buffer.from(s).reverse(), (s) => s.map((byte) => byte ^ 0xff),
    (s) => joined(...halves(s).reverse()), (s) => joined(halves(s)[0], halves(s)[0]),
].map((change) => sealed('', (message, {alg, key}, w) =>
    change(Buffer.from(sign(alg, key, message.toString('latin1'), w.chance)), w)));
