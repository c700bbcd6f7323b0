// What is wrong with JSON by the rules of this project (R35), where JSON.parse sees nothing wrong.

const limits = {
    token: {depth: 16, members: 256, string: 8192},
    set: {depth: 16, members: 100 * 32, string: 65536},
};

// As npm jose, and most of the world, reads bytes: a byte order mark falls away, what is no UTF-8 is
// replaced. Undefined for what is no JSON.
export function lenient(bytes) {
    try {
        return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
        return undefined;
    }
}

function isPlainUtf8(bytes) {
    try {
        return !new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes).startsWith('\ufeff');
    } catch {
        return false;
    }
}

// Numbers that a double or 64 bits cannot hold.
function isTooLarge(number) {
    if (/^-?[0-9]+$/.test(number)) {
        return BigInt(number) > 9223372036854775807n || BigInt(number) < -9223372036854775808n;
    }
    return !Number.isFinite(Number(number));
}

// Goes through the tokens of valid JSON and calls found() for every fault.
function walk(tokens, {depth, members, string}, found) {
    const open = [];
    let count = 0;
    tokens.forEach((token, i) => {
        if (token[0] === '"') {
            const text = JSON.parse(token);
            if (Buffer.byteLength(token) - 2 > string) {
                found('limits');
            }
            if (text.includes('\0') || /\p{Surrogate}/u.test(text)) {
                found('text');
            }
        } else if (token === '{' || token === '[') {
            open.push(new Set());
            if (open.length > depth) {
                found('limits');
            }
        } else if (token === '}' || token === ']') {
            open.pop();
        } else if (token === ':') {
            const name = JSON.parse(tokens[i - 1]);
            if (open.at(-1).has(name)) {
                found('duplicate');
            }
            open.at(-1).add(name);
            if (++count > members) {
                found('limits');
            }
        } else if (/[0-9]/.test(token) && isTooLarge(token)) {
            found('limits');
        }
    });
}

// Names of faults in bytes that lenient() can read: encoding, duplicate, limits, text (a NUL or half
// of a surrogate pair). `kind` is token or set.
export function faultsOf(bytes, kind) {
    const faults = new Set();
    if (!isPlainUtf8(bytes)) {
        faults.add('encoding');
    }
    const text = new TextDecoder().decode(bytes);
    walk(text.match(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s"[\]{}:,]+/g), limits[kind], (name) => faults.add(name));
    return faults;
}
