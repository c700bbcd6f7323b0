// What the project calls JSON (R35), said once more and in another way than base/strictjson.c:
// the object that some bytes are, or undefined.

const punctuation = /^[[\]{}:,]$/;
const limits = {depth: 16, members: 256, string: 8192};

function utf8(bytes) {
    try {
        return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
    } catch {
        return undefined;
    }
}

// Numbers that a double or 64 bits cannot hold.
function isTooLarge(number) {
    if (/^-?[0-9]+$/.test(number)) {
        return BigInt(number) > 9223372036854775807n || BigInt(number) < -9223372036854775808n;
    }
    return !Number.isFinite(Number(number));
}

function isBadString(token) {
    const text = JSON.parse(token);
    return Buffer.byteLength(token) - 2 > limits.string || text.includes('\0') ||
        /\p{Surrogate}/u.test(text);
}

// Nested too deep, with too many members or a name twice in an object.
function isBadStructure(tokens) {
    const open = [];
    let members = 0;
    for (let i = 0; i < tokens.length; i++) {
        const token = tokens[i];
        if (token === '{' || token === '[') {
            open.push(new Set());
        } else if (token === '}' || token === ']') {
            open.pop();
        } else if (token === ':') {
            const name = JSON.parse(tokens[i - 1]);
            if (open.at(-1).has(name) || ++members > limits.members) {
                return true;
            }
            open.at(-1).add(name);
        }
        if (open.length > limits.depth) {
            return true;
        }
    }
    return false;
}

export function strictObject(bytes) {
    const text = utf8(bytes);
    let value;
    try {
        value = JSON.parse(text);
    } catch {
        return undefined;
    }
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
        return undefined;
    }
    const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s"[\]{}:,]+/g);
    const bad = tokens.some((token) => token[0] === '"' ? isBadString(token) :
        !punctuation.test(token) && /[0-9]/.test(token) && isTooLarge(token));
    return bad || isBadStructure(tokens) ? undefined : value;
}
