// What a telephone sees of a terminal: reads text on standard input, takes the first block of lines
// that consist of half blocks and blanks alone, and writes a grey picture of it (PGM), light on dark.
import { readFileSync } from 'node:fs';

const halves = { ' ': [0, 0], '▄': [0, 255], '▀': [255, 0], '█': [255, 255] };
const pixels = 4;

const lines = readFileSync(0, 'utf8').split(/\r?\n/);
const begin = lines.findIndex((line) => /^[ ▄▀█]{21,}$/.test(line));
if (begin < 0) {
  console.error('there is no QR code');
  process.exit(1);
}
const columns = lines[begin].length;
const rows = [];
for (const line of lines.slice(begin)) {
  if (!/^[ ▄▀█]+$/.test(line) || line.length !== columns) break;
  for (const half of [0, 1]) {
    const row = Buffer.from([...line].flatMap((block) => Array(pixels).fill(halves[block][half])));
    rows.push(...Array(pixels).fill(row));
  }
}
process.stdout.write(`P5 ${columns * pixels} ${rows.length} 255\n`);
process.stdout.write(Buffer.concat(rows));
