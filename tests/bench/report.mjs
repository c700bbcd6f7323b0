// report.mjs DIRECTORY AREA...: of DIRECTORY/measured, whatever was measured to its end, makes
// DIRECTORY/AREA.json and the input of draw.awk, DIRECTORY/{login,growth}.plot; prints the tables, and at
// the end the goals. The AREAs were to be measured now: of any other it says when it was. Exit 1 if one
// of them was not, or is not as it is explained.
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

import {Measured} from './report/measured.mjs';
import {cli, device, login, network} from './report/login.mjs';
import {growth, storm} from './report/growth.mjs';
import {goals} from './report/goals.mjs';
import {profile} from './report/profile.mjs';
import {verify} from './report/verify.mjs';

const AREAS = {login, verify, cli, device, network, growth, storm, profile};

const version = (name) => {
    try {
        return `${name} ${execFileSync('dpkg-query', ['-W', '-f', '${Version}', name], {stdio: ['ignore', 'pipe', 'ignore']})}`;
    } catch {
        return `${name} ?`;
    }
};
const machine = [`${os.cpus().length} x ${os.cpus()[0].model.trim()}`, `${os.type()} ${os.release().split('-')[0]}`,
    ...['libc6', 'libssl3', 'libjansson4', 'libpam0g'].map(version)].join(', ');

const [directory, ...asked] = process.argv.slice(2);
const measured = new Measured(`${directory}/measured`);
const results = {};
const texts = [];
const plots = {};
const failures = [];
const write = (name, value) => fs.writeFileSync(`${directory}/${name}.json`, `${JSON.stringify(value, null, 1)}\n`);

for (const [name, area] of Object.entries(AREAS).filter(([name]) => measured.has(`${name}.done`))) {
    const at = measured.rows(`${name}.done`)[0][0];
    let said;
    try {
        said = area(measured);
    } catch (error) { // of an older version, say
        failures.push(`${name}: ${error.message}`);
        continue;
    }
    results[name] = said.results;
    texts.push(asked.includes(name) ? said.text : `(Not measured now, but on ${at}:)\n\n${said.text}`);
    for (const [plot, lines] of Object.entries(said.plots ?? {})) (plots[plot] ??= []).push(...lines);
    write(name, {machine, measured: at, ...said.results});
}
for (const [plot, lines] of Object.entries(plots)) fs.writeFileSync(`${directory}/${plot}.plot`, `${lines.join('\n')}\n`);
const judged = goals(results);
write('goals', {machine, goals: judged.results});
failures.push(
    ...asked.filter((name) => results[name] === undefined).map((name) => `${name}: not measured, and not reported`),
    ...Object.entries(results.growth ?? {}).filter(([, {as_explained: holds}]) => holds === false)
        .map(([kind]) => `growth: ${kind}: it does not grow as is explained`));
console.log([`Measured on ${machine}`, ...texts, judged.text, ...failures.map((failure) => `FAILED: ${failure}`)].join('\n\n'));
process.exitCode = failures.length > 0 ? 1 : 0;
