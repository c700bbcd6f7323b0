// Bytes and integers, for the signers and for the arithmetic that judges them.

export const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
export const unb64 = (text) => Buffer.from(text, 'base64url'); // lenient, as node is

export const toInt = (bytes) => (bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
export const toIntLE = (bytes) => toInt(Buffer.from(bytes).reverse());

export function fromInt(n, width) {
    const hex = n.toString(16);
    const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
    return width === undefined || bytes.length >= width ? bytes :
        Buffer.concat([Buffer.alloc(width - bytes.length), bytes]);
}
export const fromIntLE = (n, width) => fromInt(n, width).reverse();

export const bitsOf = (n) => (n === 0n ? 0 : n.toString(2).length);
export const mod = (a, m) => ((a % m) + m) % m;

export function power(base, exponent, m) {
    let result = 1n;
    let square = mod(base, m);
    for (let e = exponent; e > 0n; e >>= 1n) {
        if (e & 1n) {
            result = result * square % m;
        }
        square = square * square % m;
    }
    return result;
}

export function inverse(a, m) {
    let [r, s, old, oldS] = [mod(a, m), 1n, m, 0n];
    while (r > 1n) {
        const q = old / r;
        [old, r, oldS, s] = [r, old - q * r, s, oldS - q * s];
    }
    return mod(s, m);
}
