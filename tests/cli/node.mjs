// The one node process of tests/cli: starting one takes longer than a hundred tokens.
//
// A request on standard input is words, each ended by a NUL, and an empty word; the answer on
// standard output is text ended by a NUL.
import fs from 'node:fs';

import {jwk, pem, token} from './mint.mjs';

// What is wrong with FILE, which must be one line of printable ASCII, a JSON object of which the
// JavaScript expression is true: `o` is the object, `text` the line. Empty when nothing is.
function json([file, expression]) {
    const text = fs.readFileSync(file, 'latin1');
    if (!/^[ -~]*\n$/.test(text)) {
        return `not one line of printable ASCII: ${JSON.stringify(text)}\n`;
    }
    try {
        const yes = new Function('o', 'text', `return ${expression}`)(JSON.parse(text), text);
        return yes ? '' : `not so: ${expression}\n${text}`;
    } catch (error) {
        return `${error}: ${expression}\n${text}`;
    }
}

const answers = {token, jwk, pem, json};
let words = [];
let rest = Buffer.alloc(0);

process.stdin.on('data', (more) => {
    rest = Buffer.concat([rest, more]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        const word = rest.subarray(0, end).toString('latin1');
        rest = rest.subarray(end + 1);
        if (word !== '') {
            words.push(word);
            continue;
        }
        const [what, ...request] = words;
        words = [];
        process.stdout.write(Buffer.from(`${answers[what](request)}\0`, 'latin1'));
    }
});
