// fold.mjs FEW MANY TIMES: of two files of callgrind's, MANY being of a run that did TIMES more of
// something than that of FEW, what one more is made of. Prints, in tabs,
//
//     object NAME INSTRUCTIONS       where they are
//     function NAME INSTRUCTIONS     of the module's functions, those that they call included
import fs from 'node:fs';
import path from 'node:path';

const OURS = /^(pam_oauth\.so|ours)$/;

// What callgrind writes: a name is given a number where it comes first; a line of two numbers is a
// place and what it cost; behind `calls=` it is what the call cost, which is not the caller's own.
function read(file) {
    const names = {};
    const name = (kind, text) => {
        const [, number, given] = /^\((\d+)\)(?: (.*))?$/.exec(text);
        if (given !== undefined) names[kind + number] = given;
        return names[kind + number];
    };
    const objects = {};
    const functions = {};
    let object = '?';
    let inside = '?';
    let called;
    for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
        const [, key, text] = /^(c?ob|c?fn|calls)=(.*)$/.exec(line) ?? [];
        const [, cost] = /^(?:[+-]?\d+|\*) (\d+)$/.exec(line) ?? [];
        if (key === 'ob') object = path.basename(name('ob', text));
        else if (key === 'fn') inside = name('fn', text);
        else if (key === 'cob') name('ob', text);
        else if (key === 'cfn') called = name('fn', text);
        else if (cost !== undefined) {
            if (called === undefined) objects[object] = (objects[object] ?? 0) + Number(cost);
            // What calls itself is counted once.
            if (called !== inside && OURS.test(object)) functions[inside] = (functions[inside] ?? 0) + Number(cost);
            called = undefined;
        }
    }
    return {object: objects, function: functions};
}

const [few, many, times] = process.argv.slice(2);
const [before, after] = [read(few), read(many)];
for (const kind of ['object', 'function']) {
    for (const [name, cost] of Object.entries(after[kind])) {
        const more = Math.round((cost - (before[kind][name] ?? 0)) / Number(times));
        if (more > 0 && !/^(0x|\()/.test(name)) console.log([kind, name, more].join('\t'));
    }
}
