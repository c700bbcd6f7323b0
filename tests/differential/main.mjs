// Ten thousand mutations of good tokens and keys before pam-oauth and two independent judges (R135).
//
//   node main.mjs PROGRAM [-v] [-n MUTATIONS] [-s SEED] [-j JOBS]
//
// Prints the table of differences and a line that counts; -v counts each class of mutations. The
// exit code is 1 if anything is unexplained, or anything in the table explains nothing.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {Worker, isMainThread, parentPort, workerData} from 'node:worker_threads';

import {Case, KeySet} from './case.mjs';
import {broader, stricter} from './differences.mjs';
import {PamOauth} from './judges/pam_oauth.mjs';
import {batches, classes} from './plan.mjs';
import {judge} from './trial.mjs';

const enough = 10000; // for every row to occur, whatever the seed
const complaintsShown = 10;

// ---- one of the jobs -------------------------------------------------------------------------------

const shortened = (text, most) => (text.length > most ? `${text.slice(0, most)}... (${text.length} bytes)` : text);

// Everything that is needed to look into it; the whole token and key set go to files.
function report({seed, directory}, number, c, {kind, profile, index}, {ours, words, verdict}) {
    const files = ['token', 'jwks'].map((name) => path.join(directory, `${number}.${name}`));
    fs.mkdirSync(directory, {recursive: true});
    fs.writeFileSync(files[0], Buffer.from(c.token, 'latin1'));
    fs.writeFileSync(files[1], c.set.bytes);
    const {jose, held, complaints} = verdict;
    const options = profile.options.map((option) => `'${option}'`).join(' ');
    return [
        `FAILED: ${kind.name}, mutation ${index} of seed ${seed}: ${complaints.join('; ')}`,
        `  pam-oauth: ${ours.verdict}: ${ours.reason}: ${ours.sentence}`,
        `  jose:      ${jose.accepted ? 'accepted' : [jose.code, jose.claim].join(' ')}`,
        `  implied:   ${words?.join(' ') ?? 'nothing'}`,
        `  rows:      ${held.map(({name}) => name).join(', ') || 'none'}`,
        `  header:    ${shortened(JSON.stringify(c.header) ?? 'none', 400)}`,
        `  claims:    ${shortened(JSON.stringify(c.claims), 400)}`,
        `  token:     ${shortened(JSON.stringify(c.token), 3000)}`,
        `  keys:      ${shortened(c.set.bytes.toString('latin1'), 3000)}`,
        `  again:     pam-oauth verify --jwks ${files[1]} ${options} ${files[0]}`,
    ].join('\n');
}

const empty = () => ({mutations: 0, tokens: 0, accepted: 0, differing: 0, failed: 0});

// Judges one batch and adds to the tally.
async function judgeBatch(oauth, options, {kind, profile, bytes, items}, tally) {
    const set = new KeySet(bytes, profile);
    const tokens = items.flatMap(({index, tokens: made}) => made.map((item) => ({index, ...item})));
    const answers = await oauth.ask(tokens.map(({token}) => token), bytes, profile);
    const count = tally.classes[kind.name] ??= empty();
    count.mutations += items.length;
    for (const [i, {index, token, words}] of tokens.entries()) {
        const c = new Case(token, set, profile);
        const verdict = await judge(c, answers[i], words);
        count.tokens++;
        count.accepted += answers[i].verdict === 'accepted';
        count.differing += verdict.differs;
        tally.signatures += verdict.signatures;
        verdict.rows.forEach(({name}) => { tally.rows[name] = (tally.rows[name] ?? 0) + 1; });
        if (verdict.complaints.length > 0) {
            count.failed++;
            tally.failures.push(report(options, `${options.part}.${tally.failures.length}`, c, {kind, profile, index},
                {ours: answers[i], words, verdict}));
        }
    }
}

async function work(options) {
    const {seed, mutations, program, part, jobs} = options;
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'pam_oauth_differential.'));
    const tally = {rows: {}, classes: {}, signatures: 0, failures: []};
    let number = 0;
    try {
        const oauth = new PamOauth(program, directory);
        for (const batch of batches(seed, mutations, () => number++ % jobs === part)) {
            await judgeBatch(oauth, options, batch, tally);
        }
    } finally {
        fs.rmSync(directory, {recursive: true});
    }
    return tally;
}

// ---- all of them -----------------------------------------------------------------------------------

function readOptions([program, ...words]) {
    const options = {program, verbose: false, mutations: enough, seed: 1, jobs: Math.min(2, os.cpus().length),
        directory: path.join(path.dirname(program ?? ''), 'differential')};
    const names = {'-n': 'mutations', '-s': 'seed', '-j': 'jobs'};
    for (let i = 0; i < words.length; i++) {
        if (words[i] === '-v') {
            options.verbose = true;
        } else if (words[i] in names && /^[0-9]+$/.test(words[i + 1] ?? '')) {
            options[names[words[i]]] = Number(words[++i]);
        } else {
            options.program = undefined;
        }
    }
    if (options.program === undefined || options.jobs === 0) {
        console.error('usage: main.mjs PROGRAM [-v] [-n MUTATIONS] [-s SEED] [-j JOBS]');
        process.exit(2);
    }
    return options;
}

const run = (options, part) => new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), {workerData: {...options, part}});
    worker.once('message', resolve);
    worker.once('error', reject);
});

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const added = (counts) => Object.fromEntries(Object.keys(empty()).map((what) =>
    [what, sum(counts.map((count) => count[what]))]));

function showTable(rows, title) {
    console.log(`${title}\n`);
    for (const {name, count, clause, why} of rows) {
        console.log(`  ${String(count).padStart(5)}  ${name.padEnd(36)}  ${clause}\n         ${why}`);
    }
    console.log('');
}

function showClasses(counts) {
    const column = (number) => String(number).padStart(7);
    for (const {name, mutations, tokens, accepted, differing, failed} of counts) {
        console.log(`  ${name.padEnd(20)}${column(mutations)} mutations,${column(tokens)} tokens judged,` +
            `${column(accepted)} accepted, jose differs in${column(differing)}, ${failed} failed`);
    }
    console.log('');
}

// The number of what failed: classes of mutations, and rows that explain nothing.
function show({mutations, seed, verbose}, tallies) {
    const countOf = ({name}) => sum(tallies.map(({rows}) => rows[name] ?? 0));
    const [refused, accepted] = [stricter, broader].map((rows) => rows.map((row) => ({...row, count: countOf(row)})));
    const counts = classes.map(({name}) => ({name, ...added(tallies.map((tally) => tally.classes[name] ?? empty()))}));
    const total = {...added(counts), signatures: sum(tallies.map(({signatures}) => signatures))};
    const stale = mutations < enough ? [] : [...refused, ...accepted].filter(({count}) => count === 0);
    const failed = stale.length + counts.filter((count) => count.failed > 0).length;
    showTable(refused, 'R135: pam-oauth refuses, jose accepts:');
    showTable(accepted, 'R135: pam-oauth accepts, jose refuses:');
    if (verbose) {
        showClasses(counts);
    }
    tallies.flatMap(({failures}) => failures).slice(0, complaintsShown).forEach((failure) => console.log(failure));
    stale.forEach(({name}) => console.log(`FAILED: no difference is explained by: ${name}`));
    console.log(`differential: ${total.mutations} mutations, ${total.tokens} tokens judged, ${total.accepted} ` +
        `accepted; jose differs in ${total.differing}, ${total.failed} unexplained; ${total.signatures} verdicts on ` +
        `signatures against @noble and BigInt; seed ${seed}`);
    console.log(`${counts.length + refused.length + accepted.length - failed} passed, ${failed} failed`);
    return failed;
}

if (isMainThread) {
    const options = readOptions(process.argv.slice(2));
    fs.rmSync(options.directory, {recursive: true, force: true});
    const tallies = await Promise.all(Array.from({length: options.jobs}, (_, part) => run(options, part)));
    process.exitCode = show(options, tallies) === 0 ? 0 : 1;
} else {
    parentPort.postMessage(await work(workerData));
}
