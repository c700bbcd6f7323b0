// The verdicts of the program under test, many at once.
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const codes = {accepted: 0, refused: 1, failed: 2};

function run(program, words, input) {
    return new Promise((resolve, reject) => {
        const child = spawn(program, words, {stdio: ['pipe', 'pipe', 'pipe']});
        const [out, err] = [[], []];
        child.stdout.on('data', (bytes) => out.push(bytes));
        child.stderr.on('data', (bytes) => err.push(bytes));
        child.on('error', reject);
        child.stdin.on('error', () => {}); // it may have nothing to read for
        child.on('close', (code, signal) => resolve({code: code ?? signal, out: Buffer.concat(out).toString('latin1'),
            err: Buffer.concat(err).toString('latin1')}));
        child.stdin.end(input);
    });
}

export class PamOauth {
    constructor(program, directory) {
        this.program = program;
        this.file = path.join(directory, 'jwks');
    }

    // What is typed to ask it again.
    command(profile) {
        return ['verify', '--jwks', this.file, ...profile.options, '--batch', '--json', '-'];
    }

    // One answer a token (strings of bytes, without LF), in order.
    async ask(tokens, jwks, profile) {
        fs.writeFileSync(this.file, jwks);
        const input = Buffer.from(tokens.map((token) => `${token}\n`).join(''), 'latin1');
        const {code, out, err} = await run(this.program, this.command(profile), input);
        let answers = out.split('\n').slice(0, -1).map((line) => JSON.parse(line));
        if (answers.length === 1 && answers[0].reason === 'keys_unavailable') { // the set is none
            answers = tokens.map(() => answers[0]);
        }
        const wanted = Math.max(...answers.map(({verdict}) => codes[verdict]));
        if (answers.length !== tokens.length || code !== wanted || err !== '') {
            throw new Error(`${tokens.length} tokens, ${answers.length} answers, exit ${code}\n${err}`);
        }
        return answers;
    }
}
